"use strict";
// Building the panels; zoom, pan, hover and toggle, by mouse and by keyboard alike.
(() => {
  const { data, charts, view, forms } = report;
  const box = document.getElementById("charts");
  const home = document.getElementById("panels");
  const spoken = document.getElementById("spoken");
  if (!home || !data.end) return;
  box.hidden = false;

  function make(tag, css, text) {
    const node = document.createElement(tag);
    if (css) node.className = css;
    if (text != null) node.textContent = text;
    return node;
  }

  function swatch(line) {
    const dash = (line.dash || []).join(",");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const stroke = document.createElementNS("http://www.w3.org/2000/svg", "line");
    svg.setAttribute("class", `swatch s-${line.color}`);
    svg.setAttribute("aria-hidden", "true");
    for (const [key, value] of Object.entries({ x1: 0, x2: 22, y1: 5, y2: 5, "stroke-dasharray": dash })) {
      stroke.setAttribute(key, value);
    }
    svg.append(stroke);
    return svg;
  }

  function toggle(one, line, index) {
    const button = make("button", "line");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    const value = make("span", "value", "");
    button.append(swatch(line), make("span", "", line.label), value);
    button.addEventListener("click", () => {
      const show = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(show));
      one.chart.setSeries(index + 1, { show });
    });
    return { button, value };
  }

  function scaleButton(one) {
    const button = make("button", "line", "log scale");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      one.panel.logarithmic = !one.panel.logarithmic;
      button.setAttribute("aria-pressed", String(one.panel.logarithmic));
      const hidden = one.lines.map((line) => line.button.getAttribute("aria-pressed") !== "true");
      one.chart.destroy();
      one.chart = report.plot(one.panel, one.place, hidden);
      settle(one);
    });
    return button;
  }

  function build(panel) {
    const figure = make("figure", "panel");
    const head = make("figcaption", "", "");
    const title = make("span", "title", panel.title);
    const one = { panel, place: make("div", "chart"), lines: [] };
    one.place.id = panel.id;
    head.append(title);
    one.lines = panel.series.map((line, index) => toggle(one, line, index));
    head.append(...one.lines.map((line) => line.button));
    if (panel.log) head.append(scaleButton(one));
    figure.append(head, one.place);
    home.append(figure);
    one.chart = report.plot(panel, one.place);
    charts.push(one);
    settle(one);
  }

  function buildLanes() {
    const figure = make("figure", "panel");
    const head = make("figcaption", "");
    const one = { panel: null, place: make("div", "chart"), lines: [], note: make("span", "value", "") };
    one.place.id = "lanes";
    head.append(make("span", "title", "What happened beside it"), one.note);
    figure.append(head, one.place);
    home.append(figure);
    one.chart = report.plotLanes(one.place);
    charts.push(one);
    settle(one);
    const over = () => report.markAt(one.chart, one.chart.cursor.left, one.chart.cursor.top);
    one.chart.over.addEventListener("mousemove", () => {
      const mark = over();
      one.note.textContent = mark ? `${mark.at.toFixed(2)} s: ${mark.name}` : "";
      one.chart.over.style.cursor = mark ? "pointer" : "";
    });
    one.chart.over.addEventListener("click", () => {
      const mark = over();
      if (mark && mark.seq >= 0) location.hash = `e${mark.seq}`;
    });
  }

  function settle(one) {
    one.chart.setSize({ width: one.place.clientWidth, height: one.chart.height });
    const canvas = one.chart.ctx.canvas;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", one.panel
      ? `${one.panel.title}: ${one.panel.series.map((line) => line.label).join(", ")} over time`
      : "Phases, faults, probes and safeguards over time");
    one.chart.over.addEventListener("mousedown", (event) => drag(event, one.chart), true);
    one.chart.over.addEventListener("wheel", (event) => wheel(event, one.chart), { passive: false });
    one.chart.over.addEventListener("dblclick", () => show(0, data.end));
    one.chart.hooks.setSelect = [(u) => choose(u)];
    one.chart.hooks.setCursor = [() => values(one)];
  }

  // What is seen of the run is the same in all charts.
  function show(min, max) {
    const span = Math.min(data.end, Math.max(Math.min(data.end, 0.2), max - min));
    view.from = Math.min(Math.max(0, min), data.end - span);
    view.to = view.from + span;
    for (const one of charts) one.chart.setScale("x", { min: view.from, max: view.to });
  }
  function choose(chart) {
    const { left, width } = chart.select;
    if (width < 3) return;
    const [min, max] = [left, left + width].map((x) => chart.posToVal(x, "x"));
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    show(min, max);
  }

  function zoom(by, around = (view.from + view.to) / 2) {
    show(around - (around - view.from) * by, around + (view.to - around) * by);
  }
  function pan(by) {
    const step = (view.to - view.from) * by;
    show(view.from + step, view.to + step);
  }

  // With shift, dragging moves what is seen; without, it chooses what to see.
  function drag(event, chart) {
    if (!event.shiftKey || event.button) return;
    event.stopImmediatePropagation();
    const x = event.clientX;
    const start = view.from;
    const span = view.to - view.from;
    const move = (e) => {
      const by = ((x - e.clientX) / chart.over.clientWidth) * span;
      show(start + by, start + by + span);
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", () => removeEventListener("mousemove", move), { once: true });
  }
  function wheel(event, chart) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 0.8 : 1.25, chart.posToVal(event.offsetX, "x"));
  }

  function values(one) {
    const index = one.chart.cursor.idx;
    one.lines.forEach((line, i) => {
      const value = index == null ? null : one.chart.data[i + 1][index];
      line.value.textContent = index == null ? "" : forms[one.panel.form](value);
    });
  }

  const first = () => charts.find((one) => one.panel);
  let cursor = null;
  function step(by) {
    const one = first();
    if (!one) return;
    const at = one.panel.x;
    const seen = at.map((_, i) => i).filter((i) => at[i] >= view.from && at[i] <= view.to);
    if (!seen.length) return;
    const now = seen.indexOf(cursor);
    const next = now < 0 ? (by > 0 ? 0 : seen.length - 1) : Math.min(Math.max(0, now + by), seen.length - 1);
    cursor = seen[next];
    const left = one.chart.valToPos(at[cursor] + (one.panel.steps ? 0.5 : 0), "x");
    for (const each of charts) each.chart.setCursor({ left, top: 10 }, false);
    charts.forEach((each) => each.panel && values(each));
    spoken.textContent = [`${Math.floor(at[cursor])} s`, ...charts.filter((each) => each.panel).flatMap((each) =>
      each.lines.map((line, i) => `${each.panel.series[i].label} ${line.value.textContent}`))].join(", ");
  }
  function clear() {
    cursor = null;
    for (const one of charts) one.chart.setCursor({ left: -10, top: -10 }, false);
    charts.forEach((one) => one.panel && values(one));
    spoken.textContent = "";
    report.mark(null);
  }

  function fault() {
    const bands = data.bands;
    const start = Math.min(...bands.map((band) => band.start));
    const end = Math.max(...bands.map((band) => band.end));
    const more = Math.max(0.5, (end - start) * 0.15);
    show(start - more, end + more);
  }

  const does = {
    in: () => zoom(0.5), out: () => zoom(2), left: () => pan(-0.25), right: () => pan(0.25),
    fault, reset: () => show(0, data.end),
  };
  box.querySelectorAll("[data-do]").forEach((button) => {
    button.addEventListener("click", () => does[button.dataset.do]());
  });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowRight: () => (event.shiftKey ? does.right() : step(1)),
      ArrowLeft: () => (event.shiftKey ? does.left() : step(-1)),
      "+": does.in, "=": does.in, "-": does.out, "0": does.reset, Escape: clear,
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  data.panels.forEach(build);
  if (data.lanes.some((lane) => lane.spans.length || lane.marks.length)) buildLanes();

  function fit() {
    for (const one of charts) one.chart.setSize({ width: one.place.clientWidth, height: one.chart.height });
  }
  const repaint = () => charts.forEach((one) => one.chart.redraw(false, true));
  addEventListener("resize", fit);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  // On paper it is always light, and as wide as a page.
  function paper(on) {
    document.documentElement.classList.toggle("paper", on);
    fit();
    repaint();
  }
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
})();
