// The cursor without a mouse: keys and a finger.

const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -21, PageDown: 21 };
let cursor = null;

function moveTo(i, { chart }) {
  cursor = Math.max(0, Math.min(end, i));
  const time = times[cursor];
  if (state.range && (time < state.range[0] || time > state.range[1])) {
    const half = (state.range[1] - state.range[0]) / 2;
    setRange(time - half, time + half);
  }
  const value = chart.data[1][cursor];
  const top = value == null ? chart.over.clientHeight / 2 : chart.valToPos(value, "y");
  chart.setCursor({ left: chart.valToPos(time, "x"), top });
}

function zoom(factor) {
  const [from, to] = state.range || [times[0], times[end]];
  const middle = cursor == null ? to : times[cursor];
  const half = (factor * (to - from)) / 2;
  setRange(middle - half, middle + half);
}

function pressed(event, of) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const [first, last] = shown();
  const from = cursor == null ? last : cursor;
  if (event.key in STEPS) moveTo(cursor == null ? last : from + STEPS[event.key], of);
  else if (event.key === "Home") moveTo(first, of);
  else if (event.key === "End") moveTo(last, of);
  else if (event.key === "+" || event.key === "=") zoom(0.5);
  else if (event.key === "-") zoom(2);
  else if (event.key === "Escape") reset();
  else return;
  event.preventDefault();
}

function listenToKeys() {
  for (const { name } of charts) {
    const holder = document.querySelector(`[data-panel="${name}"] .chart`);
    const chart = () => charts.find((of) => of.name === name);
    holder.addEventListener("keydown", (event) => pressed(event, chart()));
    holder.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") return;
      const { over } = chart().chart;
      moveTo(nearest(chart().chart.posToVal(event.clientX - over.getBoundingClientRect().left, "x")), chart());
    });
  }
}
