"use strict";
// The table of events: filtered by words and lanes, each row and each filter a link.
(() => {
  const rows = [...document.querySelectorAll("#events tbody tr")];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  if (!search) return;
  const boxes = [...document.querySelectorAll(".filter [data-lane]")];
  const texts = rows.map((row) => row.textContent.toLowerCase());

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const lanes = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.lane));
    let count = 0;
    rows.forEach((row, index) => {
      const fits = lanes.has(row.dataset.lane) && words.every((word) => texts[index].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count} of ${rows.length} shown`;
  }

  // `#?find=injected&hide=system,run` is a filter that can be sent to a colleague.
  function remember() {
    const state = new URLSearchParams();
    const hidden = boxes.filter((box) => !box.checked).map((box) => box.dataset.lane);
    if (search.value) state.set("find", search.value);
    if (hidden.length) state.set("hide", hidden.join(","));
    const hash = state.toString();
    history.replaceState(null, "", hash ? `#?${hash}` : "#events");
    filter();
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(2));
    const hidden = new Set((state.get("hide") || "").split(","));
    search.value = state.get("find") || "";
    for (const box of boxes) box.checked = !hidden.has(box.dataset.lane);
    filter();
    document.getElementById("events").scrollIntoView();
  }

  function find() {
    if (location.hash.startsWith("#?")) return recall();
    let found = null;
    for (const row of rows) {
      const here = `#${row.id}` === location.hash && row.id;
      row.classList.toggle("found", Boolean(here));
      if (here) found = row;
    }
    if (!found) return moment();
    found.hidden = false;
    found.scrollIntoView({ block: "center" });
    report.mark(Number(found.dataset.at));
  }

  // An event that has no row, such as a second of traffic, is a place on the charts.
  function moment() {
    const link = [...document.querySelectorAll("a[data-at]")].find((one) => one.hash === location.hash);
    if (!link || !report.charts.length) return;
    report.mark(Number(link.dataset.at));
    document.getElementById("charts").scrollIntoView();
  }

  document.querySelector(".filter").hidden = false;
  search.addEventListener("input", remember);
  boxes.forEach((box) => box.addEventListener("change", remember));
  addEventListener("hashchange", find);
  filter();
  find();
})();
