// What the page holds, by index of its days, and what the reader has chosen to see of it.

const data = JSON.parse(document.getElementById("qoc-data").textContent);
const DAY = 86400;
const origin = Date.parse(data.start + "T00:00:00Z") / 1000;
const timeOf = (days) => origin + DAY * days;
const times = data.days.map(timeOf);
const end = times.length - 1;

const partial = new Map(data.partial);
const carried = new Map(data.carried);
const estimated = new Set(data.estimated);
const chain = new Set(data.chain);

// The last known wealth, where a day without a valuation gets its mark.
const known = [];
data.wealth.forEach((value, i) => known.push(value == null && i ? known[i - 1] : value));

const state = { range: null, log: false, span: null };
const charts = [];

// uPlot breaks a line at null and passes over undefined: a partial day is no gap.
const line = (column) => column.map((value, i) => (value == null && partial.has(i) ? undefined : value));

function nearest(time) {
  let low = 0;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle;
  }
  return time - times[low] <= times[high] - time ? low : high;
}

function shown() {
  const [from, to] = state.range || [times[0], times[end]];
  let first = nearest(from);
  let last = nearest(to);
  if (times[first] < from && first < end) first += 1;
  if (times[last] > to && last > 0) last -= 1;
  return [first, Math.max(first, last)];
}
