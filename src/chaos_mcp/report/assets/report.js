"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const charts = [];

  function bands() {
    return {
      hooks: {
        drawClear: [(u) => {
          const { ctx, bbox } = u;
          ctx.save();
          ctx.beginPath();
          ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
          ctx.clip();
          for (const band of data.bands) {
            const left = u.valToPos(band.start, "x", true);
            const right = u.valToPos(band.end, "x", true);
            ctx.fillStyle = color("band");
            ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
            ctx.fillStyle = color("orange");
            ctx.fillRect(left, bbox.top, 2 * devicePixelRatio, bbox.height);
            ctx.fillRect(right, bbox.top, devicePixelRatio, bbox.height);
            ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
            ctx.textBaseline = "top";
            ctx.fillText(band.name, left + 6 * devicePixelRatio, bbox.top + 4 * devicePixelRatio);
          }
          ctx.restore();
        }],
      },
    };
  }

  function axis(label, value) {
    return {
      label, labelSize: 18, labelFont: "12px system-ui, sans-serif", size: 62,
      font: "12px system-ui, sans-serif", stroke: () => color("soft"),
      grid: { stroke: () => color("line"), width: 1 }, ticks: { show: false },
      values: value && ((u, ticks) => ticks.map(value)),
    };
  }

  function line(label, name, extra) {
    return { label, stroke: () => color(name), width: 2, spanGaps: false,
      points: { show: false }, ...extra };
  }

  const seconds = (v) => (v == null ? "–" : `${v.toFixed(1)} s`);
  const count = (v) => (v == null ? "–" : v.toFixed(0));
  const millis = (v) => (v == null ? "–" : v >= 1000 ? `${(v / 1000).toFixed(2)} s` : `${v.toFixed(0)} ms`);

  function draw(id, title, label, format, series, columns) {
    const place = document.getElementById(id);
    if (!place || !data.seconds.length) return;
    const chart = new uPlot({
      title, width: place.clientWidth, height: 240,
      cursor: { sync: { key: "run" }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: (u, low, high) => [0, (high || 1) * 1.22] } },
      axes: [{ ...axis("seconds since the run began"), size: 40 }, axis(label, format)],
      series: [{ label: "at", value: (u, v) => seconds(v) }, ...series],
      plugins: [bands()],
    }, columns, place);
    charts.push([chart, place]);
  }

  // The first and the last second are not whole, and would look like dips.
  const whole = data.seconds.length > 4 ? data.seconds.slice(1, -1) : data.seconds;
  const column = (name) => whole.map((row) => row[name]);
  const at = column("at").map((second) => second + 0.5);
  draw("goodput", "Requests a second", "requests/s", count, [
    line("sent", "grey", { dash: [4, 4], value: (u, v) => count(v) }),
    line("good", "blue", { width: 2.5, value: (u, v) => count(v) }),
    line("failed", "orange", { dash: [8, 3], value: (u, v) => count(v) }),
  ], [at, column("sent"), column("good"), column("failed")]);
  draw("latency", "Latency (a failure counts as its deadline)", "", millis, [
    line("p50", "blue", { value: (u, v) => millis(v) }),
    line("p99", "orange", { dash: [8, 3], value: (u, v) => millis(v) }),
  ], [at, column("p50"), column("p99")]);

  addEventListener("resize", () => {
    for (const [chart, place] of charts) chart.setSize({ width: place.clientWidth, height: 240 });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const [chart] of charts) chart.redraw(false, true);
  });

  const rows = [...document.querySelectorAll("#events tbody tr")];
  const search = document.getElementById("search");
  const boxes = [...document.querySelectorAll(".filter [data-lane]")];
  const shown = document.getElementById("shown");
  function filter() {
    const words = search.value.toLowerCase();
    const lanes = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.lane));
    let count = 0;
    for (const row of rows) {
      const fits = lanes.has(row.dataset.lane) && row.textContent.toLowerCase().includes(words);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length}`;
  }
  if (search) {
    document.querySelector(".filter").hidden = false;
    search.addEventListener("input", filter);
    boxes.forEach((box) => box.addEventListener("change", filter));
    filter();
  }
  function find() {
    for (const row of rows) row.classList.toggle("found", `#${row.id}` === location.hash);
    const row = rows.find((one) => `#${one.id}` === location.hash);
    if (row) {
      row.hidden = false;
      row.scrollIntoView({ block: "center" });
    }
  }
  addEventListener("hashchange", find);
  find();
})();
