// Tables that can be sorted, and drawdowns that can be shown in the chart.

const spans = [...document.querySelectorAll("#drawdown-table tbody tr")];

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function markRows() {
  spans.forEach((row, i) => {
    const chosen = state.span === data.drawdowns[i];
    row.classList.toggle("chosen", chosen);
    row.querySelector("button").setAttribute("aria-pressed", String(chosen));
  });
}

function choose(i) {
  const span = data.drawdowns[i];
  state.span = state.span === span ? null : span;
  markRows();
  if (state.range && (timeOf(span[0]) < state.range[0] || timeOf(span[2]) > state.range[1])) setRange(null);
  redraw();
  const said = state.span ? `Drawdown from ${iso(timeOf(span[0]))} marked` : "No drawdown marked";
  readout.replaceChildren(part("", said), ...overall());
}

function makeSpans() {
  spans.forEach((row, i) => {
    const cell = row.firstElementChild;
    cell.replaceChildren(button(cell.textContent, () => choose(i)));
  });
  markRows();
}

const keyOf = (row, column) => row.children[column].dataset.value;

function compare(a, b, numeric) {
  if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
  return numeric ? Number(a) - Number(b) : a < b ? -1 : Number(a > b);
}

function sort(table, column) {
  const head = table.tHead.rows[0].cells[column];
  const numeric = head.classList.contains("number");
  const down = head.getAttribute("aria-sort") === "ascending";
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((a, b) => {
    const [x, y] = [keyOf(a, column), keyOf(b, column)];
    const unknown = x === undefined || y === undefined;
    return compare(x, y, numeric) * (down && !unknown ? -1 : 1);
  });
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.append(...rows);
}

function makeSortable() {
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      cell.replaceChildren(button(cell.textContent, () => sort(table, column)));
    });
  }
}
