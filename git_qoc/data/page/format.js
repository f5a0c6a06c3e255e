// Numbers and days as the tables write them.

const MINUS = "\u2212";

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

const iso = (time) => new Date(1000 * time).toISOString().slice(0, 10);
