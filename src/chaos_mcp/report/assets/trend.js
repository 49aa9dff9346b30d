"use strict";
// A metric run after run: points with their intervals, a rule where it changed for good.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const font = "12px system-ui, sans-serif";
  const HEIGHT = 200;
  const forms = {
    points: (v) => String(+v.toFixed(2)),
    share: (v) => `${+(100 * v).toPrecision(4)} %`,
    rate: (v) => `${+v.toPrecision(4)}/s`,
    seconds: (v) => (v && Math.abs(v) < 1 ? `${+(1000 * v).toPrecision(3)} ms` : `${+v.toPrecision(3)} s`),
  };
  const SHAPES = {
    good: (c, x, y, r) => c.arc(x, y, r, 0, 7),
    bad: (c, x, y, r) => { for (const s of [1, -1]) { c.moveTo(x - r, y - s * r); c.lineTo(x + r, y + s * r); } },
    warn: (c, x, y, r) => { c.moveTo(x, y - r); c.lineTo(x + r, y + r); c.lineTo(x - r, y + r); c.closePath(); },
    plain: (c, x, y, r) => c.rect(x - r * 0.7, y - r * 0.7, r * 1.4, r * 1.4),
  };

  const axis = (more) => ({
    font, stroke: () => color("soft"), grid: { stroke: () => color("line"), width: 1 }, ticks: { show: false }, ...more,
  });

  function rule(ctx, u, x, words) {
    const dpr = devicePixelRatio;
    const { top, height, left, width } = u.bbox;
    ctx.strokeStyle = ctx.fillStyle = color("edge");
    ctx.setLineDash([4 * dpr, 4 * dpr]);
    ctx.lineWidth = dpr;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.setLineDash([]);
    const fits = ctx.measureText(words).width + 8 * dpr < left + width - x;
    ctx.textAlign = fits ? "left" : "right";
    ctx.textBaseline = "top";
    ctx.fillText(words, x + (fits ? 4 : -4) * dpr, top + 3 * dpr);
  }

  function point(ctx, u, panel, i) {
    const dpr = devicePixelRatio;
    const x = u.valToPos(i + 1, "x", true);
    const place = (v) => u.valToPos(v, "y", true);
    ctx.strokeStyle = ctx.fillStyle = color(panel.tone[i]);
    ctx.lineWidth = 1.5 * dpr;
    ctx.globalAlpha = 0.55;
    ctx.beginPath();
    ctx.moveTo(x, place(panel.low[i]));
    ctx.lineTo(x, place(panel.high[i]));
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 2.5 * dpr;
    ctx.beginPath();
    SHAPES[panel.tone[i]](ctx, x, place(panel.value[i]), 4.5 * dpr);
    if (panel.tone[i] === "bad") ctx.stroke(); else ctx.fill();
  }

  function over(u, panel) {
    const { ctx } = u;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    panel.value.forEach((_, i) => point(ctx, u, panel, i));
    panel.changed.forEach((words, i) => words && rule(ctx, u, u.valToPos(i + 0.5, "x", true), words.split(": ")[1]));
    ctx.restore();
  }

  function date(panel, x) {
    const at = panel.at[x - 1];
    return at == null ? "" : new Date(1000 * at).toLocaleDateString(undefined, { month: "short", day: "numeric" });
  }

  function range(panel) {
    const low = Math.min(...panel.low);
    const high = Math.max(...panel.high);
    const room = (high - low || Math.abs(high) || 1) * 0.15;
    return [Math.max(0, low - room), high + room];
  }

  function draw(panel) {
    const home = document.querySelector(`[data-metric="${panel.id}"]`);
    const told = home.nextElementSibling;
    const xs = panel.value.map((_, i) => i + 1);
    const chart = new uPlot({
      width: home.clientWidth, height: HEIGHT, legend: { show: false }, padding: [12, 16, 0, 0],
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: [0.5, xs.length + 0.5] }, y: { range: () => range(panel) } },
      axes: [
        axis({ size: 28, incrs: [1, 2, 5, 10, 20, 50], values: (u, ticks) => ticks.map((t) => date(panel, t)) }),
        axis({ size: 76, values: (u, ticks) => ticks.map((t) => forms[panel.form](t)) }),
      ],
      series: [{}, { stroke: () => color("grey"), width: 1, points: { show: false } }],
      plugins: [{ hooks: { draw: [(u) => over(u, panel)] } }],
    }, [xs, panel.value], home);
    const canvas = chart.ctx.canvas;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", home.previousElementSibling.textContent);
    chart.hooks.setCursor = [(u) => {
      const i = u.cursor.idx;
      told.textContent = i == null ? "" : [panel.told[i], panel.changed[i]].filter(Boolean).join("; ");
    }];
    return { chart, home };
  }

  const charts = data.map(draw);
  addEventListener("resize", () => {
    for (const { chart, home } of charts) chart.setSize({ width: home.clientWidth, height: HEIGHT });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { chart } of charts) chart.redraw(false, true);
  });
})();
