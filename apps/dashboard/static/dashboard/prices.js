// What follows from the last prices, patched in place: positions and cards.
import { grouped, percent, read, signed, signedPercent, tone } from "./numbers.js";

const latest = new Map();

/** Remember prices by symbol and show what follows from them; the equity, or null if unknown. */
export function takePrices(prices) {
  for (const [symbol, price] of Object.entries(prices)) latest.set(symbol, Number(price));
  return showPrices();
}

/** Show the remembered prices on rows that may just have been swapped in. */
export function showPrices() {
  const held = [...document.querySelectorAll("[data-position]")].map(showRow);
  return showCards(held);
}

function showRow(row) {
  const before = read(row.dataset.last);
  const last = latest.get(row.dataset.symbol) ?? before;
  const quantity = read(row.dataset.quantity);
  const cost = read(row.dataset.cost);
  const value = last === null ? null : quantity * last;
  const pnl = value === null ? null : value - cost;
  if (last !== before) {
    row.dataset.last = last;
    const cell = row.querySelector('[data-cell="last"]');
    cell.textContent = grouped(last, Number(row.dataset.pricePlaces));
    flash(cell, before === null ? 0 : last - before);
    const places = Number(document.getElementById("cards").dataset.places);
    const won = row.querySelector('[data-cell="pnl"]');
    won.className = `num ${tone(pnl)}`;
    won.firstChild.textContent = `${signed(pnl, places)} `;
    won.querySelector(".by").textContent = signedPercent(pnl === null ? null : pnl / Math.abs(cost));
  }
  return { value, pnl };
}

function showCards(held) {
  const cards = document.getElementById("cards");
  const places = Number(cards.dataset.places);
  const unit = cards.querySelector(".unit").textContent;
  const worth = total(held.map((item) => item.value));
  const open = total(held.map((item) => item.pnl));
  const exposure = total(held.map((item) => (item.value === null ? null : Math.abs(item.value))));
  const equity = worth === null ? null : Number(cards.dataset.cash) + worth;
  const base = read(cards.dataset.dayBase);
  const change = equity === null || base === null ? null : equity - base;
  put(cards, "equity", grouped(equity, places));
  put(cards, "day", `${signed(change, places)} (${signedPercent(change === null || !base ? null : change / base)})`, change);
  put(cards, "open", signed(open, places), open);
  put(cards, "exposure", `${grouped(exposure, places)} ${unit} (${percent(exposure === null || !equity ? null : exposure / equity, 1)})`);
  return equity;
}

function put(cards, name, text, won) {
  const place = cards.querySelector(`[data-card="${name}"]`);
  place.textContent = text;
  if (won !== undefined) place.className = tone(won);
}

function flash(cell, change) {
  cell.classList.remove("rose", "fell");
  if (!change) return;
  void cell.offsetWidth; // begins the animation again
  cell.classList.add(change > 0 ? "rose" : "fell");
}

function total(amounts) {
  return amounts.includes(null) ? null : amounts.reduce((sum, amount) => sum + amount, 0);
}
