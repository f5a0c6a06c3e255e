// Makes the charts, keeps their cursor and their span the same, and makes them anew when colours change.

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

function axes(panel, paint, name) {
  const common = { stroke: paint.muted, font: FONT, grid: { stroke: paint.rule, width: 1 }, ticks: { show: false } };
  const bare = name === "equity";
  const pick = () => (panel.log && panel.log() ? logSteps : steps);
  return [
    {
      ...common,
      grid: { show: false },
      size: bare ? 8 : 44,
      space: 64,
      values: bare ? (u, at) => at.map(() => "") : dayTicks,
    },
    {
      ...common,
      size: 60,
      splits: (u, i, low, high) => pick()(low, high, Math.max(2, Math.round(u.height / 60))),
      filter: (u, splits) => splits,
      values: (u, splits) => splits.map(panel.tick),
    },
  ];
}

function options(name, panel, paint, width) {
  return {
    width,
    height: panel.height(width),
    tzDate: (time) => uPlot.tzDate(new Date(1000 * time), "Etc/UTC"),
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      sync: { key: "qoc", scales: ["x", null], filters: { pub: (type) => /^mouse(move|enter|leave)$/.test(type) } },
      drag: { x: true, y: false, dist: 4 },
      points: { size: 7 },
    },
    scales: {
      x: { time: true, range: () => state.range || [times[0], times[end]] },
      y: { distr: panel.log && panel.log() ? 3 : 1, range: panel.range },
    },
    axes: axes(panel, paint, name),
    series: [{}, ...panel.columns.map((_, i) => ({ points: { show: false }, ...panel.lines[i] }))],
    hooks: {
      drawClear: [drawSpan],
      draw: panel.marks ? [panel.marks] : [],
      setCursor: [(u) => told(name, panel, u.cursor.idx)],
      setSelect: [(u) => u.select.width > 0 && zoomed(u)],
    },
  };
}

function zoomed(u) {
  const { left, width } = u.select;
  setRange(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
  u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}

// A span outside the days is moved into them; null is all of them.
function setRange(from, to) {
  const least = Math.max(times[0], from);
  const most = Math.min(times[end], to);
  const all = from == null || (least <= times[0] && most >= times[end]);
  if (all) state.range = null;
  else if (most - least >= DAY) state.range = [least, most];
  for (const { chart } of charts) {
    const [x0, x1] = state.range || [times[0], times[end]];
    chart.setScale("x", { min: x0, max: x1 });
  }
  rangeChanged();
}

function makeCharts() {
  const paint = colours();
  charts.splice(0).forEach(({ chart }) => chart.destroy());
  for (const [name, made] of Object.entries(panels)) {
    const place = document.querySelector(`[data-panel="${name}"]`);
    place.hidden = false;
    const holder = place.querySelector(".chart");
    const panel = made(paint);
    const chart = new uPlot(options(name, panel, paint, holder.clientWidth), [times, ...panel.columns], holder);
    // A double click means all days, and not what uPlot finds in them.
    chart.over.addEventListener("dblclick", () => setRange(null));
    charts.push({ name, panel, chart, holder });
  }
}

function fitCharts() {
  for (const { chart, panel, holder } of charts) {
    const width = holder.clientWidth;
    if (width && width !== chart.width) chart.setSize({ width, height: panel.height(width) });
  }
}

const redraw = () => charts.forEach(({ chart }) => chart.redraw(false));
