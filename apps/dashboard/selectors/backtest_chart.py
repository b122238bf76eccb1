"""A window of candles of a backtest with its trades on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.common.numbers import places_of
from apps.dashboard.selectors.backtest import BacktestDone
from apps.market import selectors as market
from apps.market.models import Instrument
from apps.research.services.trade_rows import TradeRow, TradeRows
from trading.candles import CandleSeries, Timeframe
from trading.performance.candle_drawing import CandleDrawing, draw

COUNT = 150  # candles in a window
MOST = 400  # where a trade needs more
BEFORE, AFTER = 25, 20  # candles around a chosen trade


@dataclass(frozen=True, slots=True)
class Question:
    """What of it is looked at: a trade by its number, else the window that ends at `until`, else
    the last trade."""

    symbol: str = ""
    trade: int | None = None
    until: int | None = None  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class BacktestChart:
    """`drawing` is None where no candle is stored any more. `earlier` and `later` are the ends of
    the windows beside it, in seconds since the epoch; None = there is none."""

    instrument: Instrument
    symbols: Sequence[str]
    trade: int | None
    drawing: CandleDrawing | None
    earlier: int | None = None
    later: int | None = None

    @property
    def first(self) -> datetime | None:
        return _moment(self.drawing.first_open) if self.drawing else None

    @property
    def last(self) -> datetime | None:
        return _moment(self.drawing.last_close) if self.drawing else None


def chart(done: BacktestDone, asked: Question) -> BacktestChart:
    """One query."""
    rows = done.trade_rows
    number = asked.trade or 0
    chosen = rows[number - 1] if 0 < number <= len(rows) else None
    symbol = asked.symbol if chosen is None else chosen.trip.symbol
    listed = {item.symbol: item for item in done.instruments}
    instrument = listed.get(symbol) or done.instruments[0]
    timeframe = Timeframe(done.run.timeframe)
    trade = chosen or (rows.last_of(instrument.symbol) if asked.until is None else None)
    until, count = _window(trade, asked.until, timeframe, done.run.until)
    series = market.series([instrument.pk], timeframe, until, count).get(instrument.pk)
    drawing = None if series is None else _drawn(series, rows, instrument)
    shown = None if chosen is None else asked.trade
    if drawing is None:
        return BacktestChart(instrument, list(listed), shown, None)
    ends, began = int(done.run.until.timestamp()), _began(done)
    later = drawing.last_close + COUNT * drawing.seconds
    return BacktestChart(
        instrument, list(listed), shown, drawing,
        earlier=drawing.first_open if drawing.first_open > began else None,
        later=min(later, ends) if drawing.last_close + drawing.seconds <= ends else None,
    )  # fmt: skip


def _drawn(series: CandleSeries, rows: TradeRows, instrument: Instrument) -> CandleDrawing | None:
    """With the trades that have a part in them."""
    if not len(series):
        return None
    first, last = int(series.close_times[0]), int(series.close_times[-1])
    first -= int(series.timeframe.duration.total_seconds())
    found = rows.of_symbol(instrument.symbol, first, last)
    own = [(row.number, row.trip) for row in found]
    return draw(series, own, places_of(instrument.price_increment))


def _window(
    row: TradeRow | None, asked: int | None, timeframe: Timeframe, ends: datetime
) -> tuple[datetime, int]:
    """Its end and how many candles. Of a trade that is too long for one, where it begins."""
    if row is None:
        return (ends if asked is None else min(_moment(asked), ends)), COUNT
    trip = row.trip
    length = timeframe.duration
    held = (trip.exit_time - trip.entry_time) // length
    count = min(max(held + BEFORE + AFTER, COUNT), MOST)
    until = trip.exit_time + AFTER * length
    if held + BEFORE + AFTER > MOST:
        until = trip.entry_time + (MOST - BEFORE) * length
    return min(until, ends), count


def _began(done: BacktestDone) -> int:
    return int(datetime.fromisoformat(done.head["began_at"]).timestamp())


def _moment(seconds: int) -> datetime:
    """A number that is no moment is the nearest one that anything happened at."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(seconds, 0), 2**33))
