// The two charts, drawn by Lightweight Charts from what the API answers.
import { grouped, signed } from "./numbers.js";

const { createChart, CrosshairMode, LineStyle } = window.LightweightCharts;
const MOST_WORDS = 40; // more markers than this are drawn without their words
const NARROW = 480; // below this many pixels the words of the lines would cover the candles

/** What a CSS custom property comes to just now, as rgb(…). */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function faded(rgb, alpha) {
  return rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
}

function look() {
  return {
    layout: { background: { color: colour("--sheet") }, textColor: colour("--soft"), fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { vertLines: { color: colour("--grid") }, horzLines: { color: colour("--grid") } },
    rightPriceScale: { borderColor: colour("--line"), scaleMargins: { top: 0.12, bottom: 0.08 } },
    timeScale: { borderColor: colour("--line"), timeVisible: true, secondsVisible: false },
  };
}

function newChart(place, places) {
  const priceFormatter = (price) => grouped(price, places());
  return createChart(place, {
    autoSize: true, crosshair: { mode: CrosshairMode.Normal }, localization: { priceFormatter }, ...look(),
  });
}

function clock(seconds) {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

async function ask(url, parameters) {
  const response = await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers: { Accept: "application/json" } });
  const answer = await response.json();
  if (!answer.success) throw new Error(answer.error.message);
  return answer.data;
}

/** Candles of one instrument, with the user's fills, stops and targets. A candle leads to what was
 * decided when it closed. */
export class CandleChart {
  constructor(place, note, url, book, closes) {
    Object.assign(this, { place, note, url, book, closes, bars: [], lines: [], places: 2, asked: 0 });
    this.chart = newChart(place, () => this.places);
    this.series = this.chart.addCandlestickSeries();
    this.chart.subscribeClick(({ time }) => time === undefined || location.assign(this.why(time)));
    this.chart.subscribeCrosshairMove((at) => this.tell(at.seriesData?.get(this.series)));
    this.paint();
  }

  /** Load it anew; of several loads under way the last one counts. */
  async load(symbol, timeframe) {
    const asked = (this.asked += 1);
    try {
      const found = await ask(this.url, { instrument: symbol, timeframe, limit: 300, book: this.book });
      if (asked === this.asked) this.show(found, symbol !== this.symbol || timeframe !== this.timeframe);
    } catch (error) {
      if (asked === this.asked) this.note.textContent = `The candles could not be loaded: ${error.message}`;
    }
  }

  show(found, isNew) {
    Object.assign(this, { symbol: found.instrument, timeframe: found.timeframe, seconds: found.seconds, places: found.price_places, found });
    const known = isNew ? [] : this.bars; // a candle that came by the stream may be newer
    this.bars = found.forming ? [...found.candles, found.forming] : [...found.candles];
    const newest = this.bars.at(-1)?.time ?? 0;
    this.bars.push(...known.filter((bar) => bar.time > newest));
    this.series.setData(this.bars);
    if (isNew) this.chart.timeScale().setVisibleLogicalRange({ from: this.bars.length - 120, to: this.bars.length + 4 });
    this.paint();
    this.tell();
  }

  /** A finer candle has closed: it becomes, or joins, the last bar. */
  take(symbol, candle) {
    if (symbol !== this.symbol || !this.bars.length) return;
    const time = candle.time - (candle.time % this.seconds);
    const last = this.bars.at(-1);
    if (time < last.time) return;
    const joined = time > last.time ? { ...candle, time } : {
      ...last, high: Math.max(last.high, candle.high), low: Math.min(last.low, candle.low), close: candle.close,
    };
    if (time > last.time) this.bars.push(joined);
    else this.bars[this.bars.length - 1] = joined;
    this.series.update(joined);
    this.tell();
  }

  paint() {
    const [up, down, soft] = [colour("--up"), colour("--down"), colour("--soft")];
    this.chart.applyOptions(look());
    this.series.applyOptions({
      upColor: up, wickUpColor: up, downColor: down, wickDownColor: down, borderVisible: false,
      priceFormat: { type: "price", precision: this.places, minMove: 10 ** -this.places },
    });
    for (const line of this.lines) this.series.removePriceLine(line);
    const { lines = [], markers = [] } = this.found ?? {};
    const colours = { entry: soft, stop: down, target: up };
    const isNarrow = this.place.clientWidth < NARROW;
    this.lines = lines.map((line) => this.series.createPriceLine({
      price: line.price, color: colours[line.kind], title: isNarrow ? "" : line.kind, lineWidth: 1, lineStyle: LineStyle.Dashed, axisLabelVisible: true,
    }));
    const isWordy = markers.length <= MOST_WORDS;
    this.series.setMarkers(markers.map((fill) => ({
      time: fill.time,
      position: fill.side === "buy" ? "belowBar" : "aboveBar",
      shape: fill.side === "buy" ? "arrowUp" : "arrowDown",
      color: fill.side === "buy" ? up : down,
      text: isWordy && fill.leg !== "entry" ? fill.leg : "",
    })));
  }

  /** The page that says what was decided at the candle of this open. */
  why(time) {
    return `${this.closes}?${new URLSearchParams({ book: this.book, instrument: this.symbol, timeframe: this.timeframe, time })}`;
  }

  /** The bar under the pointer, else the last one, in words. */
  tell(bar = this.bars.at(-1)) {
    if (!bar) {
      this.note.textContent = this.symbol ? `${this.symbol} has no ${this.timeframe} candle yet.` : "";
      return;
    }
    const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map((price) => grouped(price, this.places));
    this.note.textContent = `${this.symbol} ${clock(bar.time)} · open ${open} · high ${high} · low ${low} · close ${close} · `;
    const link = Object.assign(document.createElement("a"), { href: this.why(bar.time), textContent: "Why?" });
    link.setAttribute("aria-label", "Why? What was decided at this candle");
    this.note.append(link);
    this.place.setAttribute("aria-label", `Candles of ${this.symbol}, ${this.timeframe}, with your entries and exits. Last close ${grouped(this.bars.at(-1).close, this.places)}.`);
  }
}

/** Equity over time; the last point follows the prices. */
export class EquityChart {
  constructor(place, note, url, book, places) {
    Object.assign(this, { place, note, url, book, points: [], places });
    this.chart = newChart(place, () => places);
    this.series = this.chart.addAreaSeries({ lineWidth: 2, priceLineVisible: false });
    this.chart.subscribeCrosshairMove((at) => this.tell(at.time, at.seriesData?.get(this.series)));
    this.paint();
  }

  async load(span) {
    try {
      const { points } = await ask(this.url, { span, book: this.book });
      this.points = points.map(({ time, value }) => (value === null ? { time } : { time, value }));
      this.step = points.length > 2 ? points[2].time - points[1].time : 60;
      this.series.setData(this.points);
      this.chart.timeScale().fitContent();
      this.tell();
    } catch (error) {
      this.note.textContent = `The equity could not be loaded: ${error.message}`;
    }
  }

  /** The equity now: moves the last point, or begins the next once a step has passed. */
  take(seconds, equity) {
    const [previous, last] = this.points.slice(-2);
    if (equity === null || !last || seconds < last.time) return;
    if (last.time - previous.time < this.step && seconds > last.time) this.points.pop();
    else if (seconds === last.time) this.points.pop();
    this.points.push({ time: seconds, value: equity });
    this.series.setData(this.points);
    this.tell();
  }

  paint() {
    const accent = colour("--accent");
    this.chart.applyOptions(look());
    this.series.applyOptions({
      lineColor: accent, topColor: faded(accent, 0.28), bottomColor: faded(accent, 0.02),
      priceFormat: { type: "price", precision: this.places, minMove: 10 ** -this.places },
    });
  }

  tell(time, point) {
    const known = this.points.filter((item) => item.value !== undefined);
    if (!known.length) return;
    const [first, last] = [known[0], known.at(-1)];
    const words = `${grouped(last.value, this.places)} now, ${signed(last.value - first.value, this.places)} since ${clock(first.time)}`;
    this.note.textContent = point?.value === undefined ? words : `${grouped(point.value, this.places)} at ${clock(time)}`;
    this.place.setAttribute("aria-label", `Equity over time: ${words}.`);
  }
}
