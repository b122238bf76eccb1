"""One backtest that is done, as its page and its file tell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.core.paginator import Page, Paginator

from apps.common.numbers import places_of, quantity
from apps.dashboard.limit_words import limit_lines
from apps.dashboard.selectors.trades import REASONS
from apps.dashboard.words import entries_in_words
from apps.market.models import Instrument
from apps.research.models import BacktestRun
from apps.research.services.showing import shown
from apps.research.services.terms import Terms, terms_of
from apps.research.services.trade_rows import TradeRow
from trading.backtest import Sizing
from trading.exits import ExitReason
from trading.gates.bounds import in_force
from trading.performance.sheet import Sheet
from trading.performance.trips import Trip

SHOWN = 50
OF_THE_INSTRUMENT = "Regime: the class that the instrument itself had at the entry."


class Fact(NamedTuple):
    title: str
    said: str


@dataclass(frozen=True, slots=True)
class BacktestBook:
    """What the report of a run is headed with, as that of accounts is with their book."""

    title: str
    mode: str
    venue_name: str
    now: datetime
    currency: str


class BacktestReport(NamedTuple):
    """As `BookReport`, laid out when it was computed."""

    sheet: Sheet
    benchmark: str
    regime_note: str = OF_THE_INSTRUMENT
    through: bool = True  # drawn close by close


class TradeLine(NamedTuple):
    number: int
    trip: Trip
    regime: str
    price_places: int

    @property
    def reason(self) -> str:
        return REASONS[ExitReason(self.trip.exit_reason)]


class BacktestDone:
    """Of a run with a result; one query for its instruments."""

    def __init__(self, run: BacktestRun) -> None:
        assert run.result is not None
        self.run, self._shown = run, shown(run.result)
        self.head, self.trade_rows = self._shown.head, self._shown.trades
        self.instruments: Sequence[Instrument] = list(
            run.instruments.select_related("venue").order_by("symbol")
        )

    @property
    def trips(self) -> list[Trip]:
        return [row.trip for row in self.trade_rows]

    @property
    def told(self) -> BacktestReport:
        return BacktestReport(self._shown.sheet, self._shown.benchmark)

    @property
    def book(self) -> BacktestBook:
        version = self.run.strategy_version
        return BacktestBook(
            title=f"{version.strategy.name} {version.number}, {', '.join(self.head['symbols'])}",
            mode=self.run.mode,
            venue_name=self.instruments[0].venue.name,
            now=self.run.until,
            currency=self.head["currency"],
        )

    def trades(self, number: str) -> tuple[Page[TradeRow], list[TradeLine]]:
        """A page that is not there is the nearest one."""
        places = {item.symbol: places_of(item.price_increment) for item in self.instruments}
        page = Paginator(self.trade_rows, SHOWN).get_page(number)
        return page, [
            TradeLine(row.number, row.trip, row.regime.replace("_", " "), places[row.trip.symbol])
            for row in page
        ]

    @property
    def facts(self) -> list[Fact]:
        """Under which settings, and of what it was computed."""
        head, seconds = self.head, f"{self.head['elapsed_seconds']:,.2f} s"
        return [
            *run_facts(self.run),
            *self._entries(),
            Fact("Within a candle", head["intrabar"]),
            Fact("Computed", f"in {seconds}, {head['candles']:,} candles that orders met"),
            Fact("Engine", f"{head['engine']}, version {head['engine_version']}"),
            Fact("Hash of the candles", head["data_hash"]),
        ]

    def _entries(self) -> Iterator[Fact]:
        """What came of the signals to enter; runs of long ago kept none of it."""
        if "entries" in self.head:
            yield Fact("Signals to enter", entries_in_words(self.head["entries"]))


def run_facts(run: BacktestRun) -> list[Fact]:
    """What was asked for."""
    terms, version = terms_of(run.settings), run.strategy_version
    values = {**version.parameters, **terms.parameters}
    named = (f"{name} {value}" for name, value in values.items())
    began = "the first candle" if run.began_at is None else f"{run.began_at:%Y-%m-%d %H:%M}"
    return [
        Fact("Strategy", f"{version.strategy.name} {version.number}"),
        Fact("Parameters", ", ".join(named).replace("_", " ") or "as the strategy says"),
        Fact("Candles", f"{run.timeframe}; orders meet those of {run.finest}"),
        Fact("Period", f"{began} to {run.until:%Y-%m-%d %H:%M} UTC"),
        Fact("Cash", f"{quantity(terms.cash)} {terms.currency}"),
        Fact("Fee", "as each instrument says" if terms.fee is None else f"{terms.fee} of a fill"),
        Fact("Slippage", f"{terms.slippage_bps} basis points against it"),
        Fact("Size of an entry", _sizing(terms)),
        Fact("Of a candle's volume", _participation(terms)),
        Fact("Limits", _limits(terms)),
        Fact("Selling short", "never" if terms.long_only else "where the instrument allows it"),
    ]


def _sizing(terms: Terms) -> str:
    return {
        Sizing.ALL_IN: "all the free cash",
        Sizing.RISK: f"{terms.risk} of the cash may be lost at the stop",
        Sizing.FIXED: f"{terms.quantity} units each time",
    }[terms.sizing]


def _limits(terms: Terms) -> str:
    lines = [
        f"{line.title}: {line.value} ({line.who})"
        for line in limit_lines(in_force(terms.bounds), terms.currency)
    ]
    if terms.symbols is not None:
        lines.append(f"only {', '.join(sorted(terms.symbols)) or 'no instrument'} (you)")
    return "; ".join(lines) or "none: the strategy alone"


def _participation(terms: Terms) -> str:
    if terms.participation is None:
        return "without limit"
    return f"one order takes at most {terms.participation}"
