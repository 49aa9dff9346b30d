"use strict";
// Panels of lines and lanes of marks over the seconds of a run, drawn by uPlot.
// What is drawn comes from the page's own data; all text is drawn as text.
const report = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const font = "12px system-ui, sans-serif";
  const GUTTER = 84;
  const LANE = 26;
  const POWERS = Array.from({ length: 50 }, (_, i) => 2 ** i);
  const charts = [];
  const view = { from: 0, to: data.end };
  const seen = () => [view.from, view.to];
  let marked = null;

  const number = (digits) => (v) => (v == null ? "–" : v.toFixed(digits));
  const forms = {
    count: (v) => (v == null ? "–" : Number.isInteger(v) ? String(v) : v.toFixed(1)),
    millis: (v) => (v == null ? "–" : v >= 1000 ? `${+(v / 1000).toFixed(2)} s` : `${+v.toPrecision(3)} ms`),
    figure: (v) => {
      if (v == null) return "–";
      if (v && Math.abs(v) < 1e-3) return v.toExponential(2);
      const power = Math.abs(v) < 1e5 ? 0 : Math.min(4, Math.floor(Math.log10(Math.abs(v)) / 3));
      return `${+(v / 1000 ** power).toPrecision(5)}${["", " k", " M", " G", " T"][power]}`;
    },
    cores: (v) => (v == null ? "unknown" : v ? String(+v.toPrecision(3)) : "0"),
    bytes: (v) => {
      if (v == null) return "unknown";
      const power = v < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(v) / 10));
      return `${+(v / 1024 ** power).toPrecision(3)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
    },
    seconds: (v) => `${number(1)(v)} s`,
  };

  function clipped(u, draw) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.textAlign = "left";
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    draw(ctx, bbox, devicePixelRatio);
    ctx.restore();
  }

  const place = (u, at) => u.valToPos(at, "x", true);

  // A band for each time that a fault stood, with its name where there is room for it.
  function drawBands(u) {
    clipped(u, (ctx, box, dpr) => {
      for (const band of data.bands) {
        const left = place(u, band.start);
        const right = place(u, band.end);
        ctx.fillStyle = color("band");
        ctx.fillRect(left, box.top, Math.max(dpr, right - left), box.height);
        ctx.fillStyle = color("edge");
        ctx.fillRect(left, box.top, 2 * dpr, box.height);
        ctx.fillRect(right - dpr, box.top, dpr, box.height);
      }
    });
  }

  function drawNames(u, ctx, box, dpr) {
    let taken = -Infinity;
    ctx.fillStyle = color("edge");
    ctx.textBaseline = "top";
    for (const band of data.bands) {
      const from = Math.max(place(u, band.start), box.left) + 6 * dpr;
      if (from < taken || place(u, band.end) < box.left) continue;
      ctx.fillText(band.name, from, box.top + 4 * dpr);
      taken = from + ctx.measureText(band.name).width + 12 * dpr;
    }
  }

  function drawOver(u, panel) {
    clipped(u, (ctx, box, dpr) => {
      if (panel.id === "requests" || panel.form === "figure") drawNames(u, ctx, box, dpr);
      ctx.setLineDash([4 * dpr, 4 * dpr]);
      ctx.lineWidth = dpr;
      for (const limit of panel.limits || []) {
        const y = u.valToPos(limit, "y", true);
        ctx.strokeStyle = ctx.fillStyle = color("ink");
        ctx.beginPath();
        ctx.moveTo(box.left, y);
        ctx.lineTo(box.left + box.width, y);
        ctx.stroke();
        ctx.textBaseline = "bottom";
        ctx.textAlign = "right";
        ctx.fillText(`promised ${forms[panel.form](limit)}`, box.left + box.width - 4 * dpr, y - 2 * dpr);
      }
      if (marked == null) return;
      ctx.setLineDash([]);
      ctx.fillStyle = color("ink");
      ctx.fillRect(place(u, marked) - dpr, box.top, 2 * dpr, box.height);
    });
  }

  function axis(more) {
    return {
      font, stroke: () => color("soft"), grid: { stroke: () => color("line"), width: 1 },
      ticks: { show: false }, ...more,
    };
  }

  const hooks = (more) => ({ hooks: more });
  const base = (more, cursor = {}) => ({
    width: 600, legend: { show: false }, padding: [8, 12, 0, 0],
    cursor: {
      sync: { key: "run", filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
      drag: { x: true, y: false, setScale: false }, points: { size: 7 }, ...cursor,
    },
    ...more,
  });

  // The scale of y: from zero, with room for the names of the bands above the lines.
  function range(panel) {
    if (panel.form === "figure") return undefined;
    if (panel.log && panel.logarithmic) {
      return (u, low, high) => [Math.max(0.1, (low || 1) / 2), Math.max(1, high || 1) * 3];
    }
    return (u, low, high) => [0, (Math.max(high || 0, ...(panel.limits || [0])) || 1) * 1.25];
  }

  function series(line, steps, hidden) {
    return {
      label: line.label, show: !hidden, stroke: () => color(line.color),
      width: line.fill ? 2.5 : 2, dash: line.dash, spanGaps: false,
      fill: line.fill ? () => color("wash") : undefined,
      points: { show: Boolean(line.points) || line.values.length < 2 },
      paths: steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
    };
  }

  // What holds for a second is drawn from its beginning to its end.
  function columns(panel) {
    const all = [panel.x, ...panel.series.map((line) => line.values)];
    if (!panel.steps || !panel.x.length) return all;
    const end = panel.x[panel.x.length - 1] + 1;
    return all.map((column, i) => [...column, i ? column[column.length - 1] : end]);
  }
  const holding = (u, series, index, x) => (u.data[0][index] > x && index ? index - 1 : index);

  function plot(panel, node, hidden = []) {
    const log = panel.log && panel.logarithmic;
    return new uPlot(base({
      height: panel.form === "figure" || panel.small ? 130 : 190,
      scales: { x: { time: false, range: seen }, y: { distr: log ? 3 : 1, range: range(panel) } },
      axes: [
        axis({ size: 28, values: (u, ticks) => ticks.map((t) => `${+t.toFixed(3)} s`) }),
        axis({ size: GUTTER, incrs: panel.form === "bytes" ? POWERS : undefined,
          values: (u, ticks) => ticks.map((t) => (t == null ? "" : forms[panel.form](t))) }),
      ],
      series: [{}, ...panel.series.map((line, i) => series(line, panel.steps, hidden[i]))],
      plugins: [hooks({ drawClear: [drawBands], draw: [(u) => drawOver(u, panel)] })],
    }, panel.steps ? { dataIdx: holding } : {}), columns(panel), node);
  }

  const SHAPES = {
    good: (c, x, y, r) => c.arc(x, y, r, 0, 7),
    bad: (c, x, y, r) => { for (const s of [1, -1]) { c.moveTo(x - r, y - s * r); c.lineTo(x + r, y + s * r); } },
    warn: (c, x, y, r) => { c.moveTo(x, y - r); c.lineTo(x + r, y + r); c.lineTo(x - r, y + r); c.closePath(); },
    plain: (c, x, y, r) => c.rect(x - r * 0.7, y - r * 0.7, r * 1.4, r * 1.4),
  };

  function drawMark(ctx, mark, x, y, dpr) {
    ctx.strokeStyle = ctx.fillStyle = color(mark.tone);
    ctx.lineWidth = 2.5 * dpr;
    ctx.beginPath();
    SHAPES[mark.tone](ctx, x, y, 4.5 * dpr);
    if (mark.tone === "bad") ctx.stroke(); else ctx.fill();
  }

  function drawSpan(ctx, u, span, y, dpr) {
    const left = place(u, span.start);
    const width = Math.max(2 * dpr, place(u, span.end) - left - dpr);
    ctx.fillStyle = color(`${span.tone}-wash`);
    ctx.fillRect(left, y - 9 * dpr, width, 18 * dpr);
    ctx.fillStyle = color(span.tone);
    ctx.fillRect(left, y - 9 * dpr, 2 * dpr, 18 * dpr);
    ctx.textBaseline = "middle";
    const seen = Math.max(left, u.bbox.left) + 7 * dpr;
    if (ctx.measureText(span.name).width < left + width - seen) ctx.fillText(span.name, seen, y);
  }

  const laneY = (u, index) => u.bbox.top + (index + 0.5) * (u.bbox.height / data.lanes.length);

  function drawLanes(u) {
    clipped(u, (ctx, box, dpr) => {
      data.lanes.forEach((lane, index) => {
        const y = laneY(u, index);
        for (const span of lane.spans) drawSpan(ctx, u, span, y, dpr);
        for (const mark of lane.marks) drawMark(ctx, mark, place(u, mark.at), y, dpr);
      });
      if (marked == null) return;
      ctx.fillStyle = color("ink");
      ctx.fillRect(place(u, marked) - dpr, box.top, 2 * dpr, box.height);
    });
  }

  function plotLanes(node) {
    const count = data.lanes.length;
    const names = data.lanes.map((lane) => lane.name).reverse();
    return new uPlot(base({
      height: count * LANE + 44,
      scales: { x: { time: false, range: seen }, y: { range: [0, count] } },
      axes: [
        axis({ size: 28, values: (u, ticks) => ticks.map((t) => `${+t.toFixed(3)} s`) }),
        axis({ size: GUTTER, splits: () => names.map((_, index) => index + 0.5), values: () => names,
          grid: { show: false } }),
      ],
      series: [{}, { show: true, width: 0, stroke: "transparent", points: { show: false } }],
      plugins: [hooks({ drawClear: [drawBands], draw: [drawLanes] })],
    }), [[0, data.end], [0, 0]], node);
  }

  // The mark that is nearest to a place on the lanes, if any is near.
  function markAt(u, left, top) {
    const index = Math.floor(top / (u.over.clientHeight / data.lanes.length));
    const lane = data.lanes[index];
    let best = null;
    for (const mark of lane ? lane.marks : []) {
      const far = Math.abs(u.valToPos(mark.at, "x") - left);
      if (far < 9 && (!best || far <= best.far)) best = { mark, far };
    }
    return best && best.mark;
  }

  return {
    data, charts, view, forms, marked: () => marked, color, plot, plotLanes, markAt,
    mark(at) { marked = at; for (const one of charts) one.chart.redraw(false); },
  };
})();
