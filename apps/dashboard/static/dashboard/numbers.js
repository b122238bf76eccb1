// Numbers as the server writes them (apps/dashboard/numbers.py), for what is patched in place.
const MINUS = "\u2212";
const UNKNOWN = "—";
const PERCENT = "\u00a0%"; // never parted from its number by a line break
const formats = new Map();

function format(places) {
  if (!formats.has(places)) {
    const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
    formats.set(places, new Intl.NumberFormat("en-US", digits));
  }
  return formats.get(places);
}

export function grouped(value, places) {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const shown = format(places).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(shown) ? MINUS + shown : shown;
}

export function signed(value, places) {
  const shown = grouped(value, places);
  return value > 0 && /[1-9]/.test(shown) ? `+${shown}` : shown;
}

export function percent(fraction, places) {
  return fraction === null ? UNKNOWN : grouped(fraction * 100, places) + PERCENT;
}

export function signedPercent(fraction) {
  return fraction === null ? UNKNOWN : signed(fraction * 100, 2) + PERCENT;
}

export function tone(value) {
  if (value === null || value === 0) return "flat";
  return value > 0 ? "up" : "down";
}

/** A number out of a data attribute; null where it is empty, which means unknown. */
export function read(text) {
  return text === undefined || text === "" ? null : Number(text);
}
