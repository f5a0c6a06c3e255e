// The buttons above the chart, and the line that says what the cursor is on.

const readout = document.getElementById("readout");
const periods = [...document.querySelectorAll("[data-period]")];
const logButton = document.getElementById("log");

function reset() {
  cursor = null;
  state.span = null;
  markRows();
  setRange(null);
  if (state.log) setLog(false);
  for (const { chart } of charts) chart.setCursor({ left: -10, top: -10 }, true, false);
}

function startOf(period) {
  const last = new Date(1000 * times[end]);
  if (period === "YTD") return Date.UTC(last.getUTCFullYear() - 1, 11, 31) / 1000;
  const months = { "1M": 1, "3M": 3, "6M": 6, "1Y": 12 }[period];
  const day = new Date(last);
  day.setUTCDate(1);
  day.setUTCMonth(day.getUTCMonth() - months);
  const most = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  day.setUTCDate(Math.min(last.getUTCDate(), most));
  return day.getTime() / 1000;
}

function setPeriod(period) {
  if (period === "All") setRange(null);
  else setRange(startOf(period), times[end]);
  periods.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.period === period)));
}

function rangeChanged() {
  periods.forEach((button) => {
    const is_all = button.dataset.period === "All";
    button.setAttribute("aria-pressed", String(is_all && state.range === null));
  });
  told("equity", null, null);
}

function setLog(on) {
  state.log = on;
  logButton.setAttribute("aria-pressed", String(on));
  makeCharts();
}

function told(name, panel, i) {
  if (i != null) cursor = i;
  if (name === "equity") readout.replaceChildren(...(i == null ? overall() : point(i)));
  else if (panel.at) {
    const at = i == null ? shown()[1] : i;
    document.querySelector(`[data-panel="${name}"] .at`).textContent = `${panel.at(at)} on ${iso(times[at])}`;
  }
}

function part(label, value) {
  const whole = document.createElement("span");
  const strong = document.createElement("b");
  strong.textContent = value;
  whole.append(label + " ", strong);
  return whole;
}

// The return over what is shown, unless the chain of returns breaks inside it.
function overall() {
  const [first, last] = shown();
  const parts = [part("Shown", `${iso(times[first])} to ${iso(times[last])}`)];
  let broken = known[first] == null || !known[first];
  for (let i = first + 1; i <= last; i += 1) broken = broken || chain.has(i);
  parts.push(part("return", broken ? "n/a, the chain breaks inside" : change(known[last] / known[first] - 1)));
  return parts;
}

function point(i) {
  const parts = [part("", iso(times[i]))];
  if (partial.has(i)) return [...parts, part("no valuation, missing", partial.get(i))];
  parts.push(part("growth", index(data.wealth[i])), part("day", change(data.change[i])));
  parts.push(part("drawdown", percent(data.drawdown[i])), part("NAV", usd(data.nav[i])));
  if (data.benchmark) parts.push(part(data.benchmark.symbol, index(data.benchmark.wealth[i])));
  if (carried.has(i)) parts.push(part("carried", carried.get(i)));
  if (estimated.has(i)) parts.push(part("", "estimated"));
  const before = i ? data.days[i - 1] : -1;
  const flows = data.flows.filter(([days]) => days > before && days <= data.days[i]);
  return [...parts, ...flows.map(([, , text]) => part("", text))];
}

function listenToButtons() {
  periods.forEach((button) => button.addEventListener("click", () => setPeriod(button.dataset.period)));
  document.getElementById("reset").addEventListener("click", reset);
  logButton.addEventListener("click", () => setLog(!state.log));
  if (data.wealth.some((value) => value != null && value <= 0)) {
    logButton.disabled = true;
    logButton.textContent = "No log scale: wealth reaches 0";
  }
}
