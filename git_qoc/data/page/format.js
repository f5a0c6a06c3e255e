// Numbers and days as the tables write them.

const MINUS = "\u2212";
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function fixed(value, digits) {
  const text = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // What rounds to zero has no sign.
  return /[1-9]/.test(text) ? text.replace("-", MINUS) : text.replace("-", "");
}

function signed(text) {
  return text.startsWith(MINUS) || !/[1-9]/.test(text) ? text : "+" + text;
}

const percent = (value) => (value == null ? "n/a" : fixed(100 * value, 2) + " %");
const change = (value) => (value == null ? "n/a" : signed(percent(value)));
const usd = (value) => (value == null ? "n/a" : fixed(value, 2) + " USD");
const ratio = (value) => (value == null ? "n/a" : fixed(value, 2));
const index = (value) => (value == null ? "n/a" : fixed(value, 4));

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return fixed(value / 1e9, 1) + "G";
  if (size >= 1e6) return fixed(value / 1e6, 1) + "M";
  return size >= 1e3 ? fixed(value / 1e3, 0) + "k" : fixed(value, 0);
}

// Ticks of a time axis: days as 24 Apr, months as May with the year below where one begins, or years.
function dayTicks(u, times, axis, space, step) {
  let year = null;
  return times.map((time) => {
    const day = new Date(1000 * time);
    const [month, of] = [MONTHS[day.getUTCMonth()], day.getUTCFullYear()];
    if (step >= 365 * 86400) return String(of);
    const text = step >= 28 * 86400 ? month : `${day.getUTCDate()} ${month}`;
    const below = of === year ? "" : "\n" + of;
    year = of;
    return text + below;
  });
}

const iso = (time) => new Date(1000 * time).toISOString().slice(0, 10);
