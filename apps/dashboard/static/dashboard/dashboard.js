// Keeps the page true without a reload: prices are patched in place, and after a decision or a fill
// the parts that it concerns are asked of the server again, at most four times a second.
import { CandleChart, EquityChart } from "./charts.js";
import { showPrices, takePrices } from "./prices.js";
import { openStream } from "./stream.js";

const WAIT = 250;
const RETRY = 2000;
const EVERY_PART = ["halts", "cards", "positions", "trades", "feed"];
const PARTS_OF = {
  "fill.recorded": ["cards", "positions", "trades", "feed"],
  "approval.answered": ["feed"],
  "decision.made": ["feed"],
  "kill_switch.tripped": ["halts"],
  "kill_switch.reset": ["halts"],
  "money.deposited": ["cards", "positions"], // cash and positions of one moment
};
const STATES = { live: "Live", away: "Reconnecting…" };

const desk = document.getElementById("desk");
if (desk) start();

function start() {
  const { book, venue } = desk.dataset;
  const parts = partsOf(book);
  const places = Number(document.getElementById("cards").dataset.places);
  document.querySelector("[data-needs-script]").hidden = false;
  const candles = new CandleChart(at("candles"), at("candles-note"), desk.dataset.candles, book, desk.dataset.closes);
  const equity = new EquityChart(at("equity"), at("equity-note"), desk.dataset.equity, book, places);
  const chosen = choices({
    instrument: () => candles.load(chosen.instrument, chosen.timeframe),
    timeframe: () => candles.load(chosen.instrument, chosen.timeframe),
    span: () => equity.load(chosen.span),
  });
  if (chosen.instrument) candles.load(chosen.instrument, chosen.timeframe);
  equity.load(chosen.span);
  parts.onFill = () => candles.load(chosen.instrument, chosen.timeframe);
  parts.onShown = (worth) => equity.take(Date.parse(at("clock").dateTime) / 1000, worth);
  document.addEventListener("nija:theme", () => [candles, equity].forEach((chart) => chart.paint()));
  document.addEventListener("click", (event) => toggleSkipped(event, parts));

  let day = desk.dataset.now.slice(0, 10);
  function onMessage(message) {
    if (message.type === "prices" && message.venue === venue) {
      const now = takePrices(message.prices);
      showClock(message.time);
      for (const [symbol, candle] of Object.entries(message.candles)) candles.take(symbol, candle);
      equity.take(Date.parse(message.time) / 1000, now);
      if (message.time.slice(0, 10) !== day) parts.refresh(["cards", "positions", "trades", "feed"]);
      day = message.time.slice(0, 10);
    } else if (message.type === "event") {
      parts.hear(message);
    } else if (message.type === "trading_state") {
      if (!isShown(message)) parts.refresh(["halts"]);
    } else if (message.type === "snapshot") {
      parts.refresh(EVERY_PART); // more was missed than is told one by one
    }
  }

  openStream({
    path: "/ws/positions",
    after: desk.dataset.sequence,
    onMessage,
    onState: showState,
    onReturn: () => {
      parts.refresh(EVERY_PART);
      equity.load(chosen.span);
      parts.onFill();
    },
  });
}

/** Whether the banners say so already: the platform's state is told with every connection. */
function isShown({ scope, state }) {
  if (scope !== "platform") return false;
  const banner = document.querySelector('#halts [data-scope="platform"]');
  return (banner?.dataset.state ?? "ACTIVE") === state;
}

function at(id) {
  return document.getElementById(id);
}

/** Asks the server for parts of the page: one request at a time, and what comes meanwhile in the next. */
function partsOf(book) {
  const waiting = new Set();
  let timer = null;
  let isAsking = false;
  let hasFilled = false;
  let hasFailed = false;
  const parts = { onFill: () => {}, onShown: () => {}, isShowingSkipped: Boolean(at("feed").dataset.skipped), refresh, hear };

  function refresh(names) {
    for (const name of names) waiting.add(name);
    if (timer === null && !isAsking) timer = setTimeout(ask, WAIT);
  }

  function hear({ kind, data }) {
    if (kind === "decision.made" && data.outcome === "skipped" && data.code !== "WATCH_ONLY" && !parts.isShowingSkipped) return;
    if (kind === "fill.recorded") hasFilled = true;
    refresh(PARTS_OF[kind] ?? (kind.startsWith("subscription.") ? EVERY_PART : []));
  }

  async function ask() {
    timer = null;
    isAsking = true;
    const names = [...waiting];
    waiting.clear();
    const parameters = { parts: names, book, skipped: parts.isShowingSkipped ? "1" : "" };
    const url = `${desk.dataset.live}?${new URLSearchParams(parameters)}`;
    if (hasFilled) parts.onFill();
    hasFilled = false;
    hasFailed = false;
    await htmx.ajax("GET", url, { target: "#desk", swap: "none" }).catch(() => (hasFailed = true));
    parts.onShown(showPrices());
    isAsking = false;
    if (hasFailed) {
      for (const name of names) waiting.add(name); // the news that asked for them will not come again
      timer = setTimeout(ask, RETRY);
    } else if (waiting.size) refresh([]);
  }

  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"])
    document.body.addEventListener(failure, () => (hasFailed = true));

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { responseURL } = event.detail.xhr;
    if (responseURL && new URL(responseURL).pathname !== desk.dataset.live) location.reload();
  });
  return parts;
}

/** Show or hide what was skipped, in place; without a script the link does the same. */
function toggleSkipped(event, parts) {
  const link = event.target.closest("#skipped");
  if (!link) return;
  event.preventDefault();
  parts.isShowingSkipped = !parts.isShowingSkipped;
  history.replaceState(null, "", link.href.split("#")[0]);
  parts.refresh(["feed"]);
}

function showState(state) {
  const light = at("light");
  light.hidden = false;
  light.dataset.state = state;
  light.querySelector("[data-light-text]").textContent = STATES[state];
}

function showClock(time) {
  const clock = at("clock");
  const words = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  const date = new Intl.DateTimeFormat("en-GB", words).format(new Date(time));
  clock.dateTime = time;
  clock.textContent = `${date}, ${time.slice(11, 16)} UTC`;
}

/** The pressed tabs, remembered by this browser; each group calls back when another one is pressed. */
function choices(changed) {
  const KEY = "nija.charts";
  let remembered = {};
  try {
    remembered = JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    // storage is switched off, or holds something else: nothing is remembered
  }
  const held = document.querySelector("[data-position]")?.dataset.symbol;
  const chosen = {};
  for (const group of document.querySelectorAll("[data-choice]")) {
    const name = group.dataset.choice;
    const tabs = [...group.querySelectorAll("[data-value]")];
    const pressed = tabs.find((tab) => tab.getAttribute("aria-pressed") === "true");
    const wanted = remembered[name] ?? (name === "instrument" ? held : undefined);
    press(tabs.find((tab) => tab.dataset.value === wanted) ?? pressed);
    group.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-value]");
      if (!tab) return;
      press(tab);
      try {
        localStorage.setItem(KEY, JSON.stringify(chosen));
      } catch {
        // it holds for this page only
      }
      changed[name]();
    });
    function press(tab) {
      for (const other of tabs) other.setAttribute("aria-pressed", String(other === tab));
      chosen[name] = tab?.dataset.value;
    }
  }
  return chosen;
}
