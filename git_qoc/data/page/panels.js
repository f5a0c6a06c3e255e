// What each panel shows: its lines, its scale, how a value is written.

const padded = (u, low, high) => {
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  return [low - room, high + room];
};

const steps = (low, high, wanted) => {
  const least = (high - low) / wanted;
  const size = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * size).find((s) => s >= least) || 10 * size;
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k += 1) found.push(k * step);
  return found;
};

// On a log scale equal steps are read best while the whole spans little, then 1, 2, 5.
const logSteps = (low, high, wanted) => {
  if (high / low < 4) return steps(low, high, wanted);
  const found = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
    found.push(...[1, 2, 5].map((k) => k * 10 ** power).filter((v) => v >= low && v <= high));
  }
  return found;
};

const equityPanel = (paint) => ({
  height: (width) => Math.round(Math.min(340, Math.max(220, 0.4 * width))),
  columns: [line(data.wealth), ...(data.benchmark ? [line(data.benchmark.wealth)] : [])],
  lines: [
    { stroke: paint.line, width: 1.75, gaps },
    { stroke: paint.benchmark, width: 1.25, dash: [5, 4], gaps },
  ],
  range: (u, low, high) => (state.log ? [low / 1.02, high * 1.02] : padded(u, low, high)),
  log: () => state.log,
  tick: (v) => fixed(v, 2),
  marks: drawMarks,
});

const underwaterPanel = (paint) => ({
  height: () => 120,
  columns: [line(data.drawdown)],
  lines: [{ stroke: paint.down, width: 1.25, fill: paint.down + "2e", fillTo: 0, gaps }],
  range: (u, low) => [Math.min(1.08 * low, -0.001), 0],
  tick: (v) => fixed(100 * v, Math.abs(v) < 0.02 && v ? 1 : 0) + " %",
  at: (i) => percent(data.drawdown[i]),
});

const single = (column, at, tick) => (paint) => ({
  height: () => 150,
  columns: [line(column)],
  lines: [{ stroke: paint.line, width: 1.5, gaps }],
  range: padded,
  tick,
  at: (i) => at(column[i]),
});

const exposurePanel = (paint) => {
  const { long_usd: long, short_usd: short_, cash_usd: cash } = data.exposure;
  return {
    height: () => 190,
    columns: [line(long), line(short_), line(cash)],
    lines: [
      { stroke: paint.up, width: 1.5, gaps },
      { stroke: paint.down, width: 1.5, gaps },
      { stroke: paint.muted, width: 1.5, dash: [5, 4], gaps },
    ],
    range: padded,
    tick: short,
    at: (i) => `long ${usd(long[i])}, short ${usd(short_[i])}, cash ${usd(cash[i])}`,
  };
};

const panels = {
  equity: equityPanel,
  underwater: underwaterPanel,
  ...(data.rolling && {
    sharpe: single(data.rolling.sharpe_ratio, ratio, (v) => fixed(v, 1)),
    volatility: single(data.rolling.volatility, percent, (v) => fixed(100 * v, 1) + " %"),
  }),
  ...(data.exposure && { exposure: exposurePanel }),
};
