"use strict";
// Follows a run by server-sent events: figures, a chart, and what happened.
(() => {
  const live = document.getElementById("live");
  const body = document.querySelector("#events tbody");
  const set = (id, text) => { document.getElementById(id).textContent = text; };
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const MOST = 300;
  const seconds = new Map();
  let chart = null;

  function cell(row, css, text) {
    const node = row.insertCell();
    node.className = css;
    node.textContent = text;
    return node;
  }

  function moment(told) {
    const row = body.insertRow(0);
    cell(row, "n", told.at.toFixed(2));
    cell(row, "soft", told.lane);
    const what = cell(row, `t-${told.tone}`, told.title);
    if (told.detail) {
      const note = document.createElement("div");
      note.className = "note";
      note.textContent = told.detail;
      what.append(note);
    }
    while (body.rows.length > MOST) body.deleteRow(-1);
    set("at", told.at.toFixed(0));
    if (told.kind === "phase.started") set("phase", told.title.split(/ phase begins| begin/)[0].replace(/^the /, ""));
  }

  function traffic(told) {
    const at = Math.floor(told.at);
    const sum = seconds.get(at) || { sent: 0, good: 0 };
    seconds.set(at, { sent: sum.sent + told.sent, good: sum.good + told.good });
    set("at", told.at.toFixed(0));
    set("good", `${told.good} of ${told.sent}`);
    set("p99", told.p99 == null ? "–" : `${told.p99} ms`);
    draw();
  }

  function draw() {
    const at = [...seconds.keys()].sort((a, b) => a - b);
    const data = [at, at.map((s) => seconds.get(s).sent), at.map((s) => seconds.get(s).good)];
    if (chart) return chart.setData(data);
    const place = document.getElementById("chart");
    const axis = { stroke: () => color("soft"), grid: { stroke: () => color("line"), width: 1 }, ticks: { show: false } };
    chart = new uPlot({
      width: place.clientWidth, height: 200, scales: { x: { time: false }, y: { range: (u, low, high) => [0, (high || 1) * 1.2] } },
      axes: [axis, axis],
      series: [{ label: "second" }, { label: "sent", stroke: () => color("grey"), dash: [4, 4] },
        { label: "good", stroke: () => color("blue"), width: 2 }],
    }, data, place);
  }

  const source = new EventSource(live.dataset.events);
  source.addEventListener("open", () => { body.replaceChildren(); seconds.clear(); });
  source.addEventListener("moment", (event) => moment(JSON.parse(event.data)));
  source.addEventListener("traffic", (event) => traffic(JSON.parse(event.data)));
  source.addEventListener("error", () => set("state", "not connected"));
  source.addEventListener("over", () => {
    source.close();
    const link = document.createElement("a");
    link.href = live.dataset.report;
    link.textContent = "over: see the report";
    document.getElementById("state").replaceChildren(link);
  });
})();
