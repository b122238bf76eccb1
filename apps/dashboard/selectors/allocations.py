"""What kind of market it is at a book's venue, and how its accounts would share their capital."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from apps.common import numbers
from apps.dashboard.selectors.books import OfBook
from apps.market.models import AllocationSnapshot, RegimeSnapshot
from trading.allocation import split
from trading.regime import LEAST_CANDLES, TIMEFRAME

CLASSES = {"crypto": "Crypto", "equity": "Equities", "derivatives": "Derivatives", "cash": "Cash"}
INPUTS = {
    "crypto_volatility": ("Crypto volatility", "0 is the calmest of the year, 100 the wildest"),
    "crypto_momentum": (
        "Crypto momentum",
        f"{numbers.MINUS}100 is a fall, 0 the usual, 100 a rise",
    ),
    "equity_momentum": (
        "Equity momentum",
        f"{numbers.MINUS}100 is a fall, 0 the usual, 100 a rise",
    ),
    "vix": ("VIX", "what options expect equities to move; 30 is fear"),
}


@dataclass(frozen=True, slots=True)
class Slice:
    """One class of the picture; `start` and `percent` are of its width of 100."""

    key: str
    name: str
    start: Decimal
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class InputLine:
    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """One account; `slices` are of the classes that get something."""

    snapshot: AllocationSnapshot
    slices: Sequence[Slice]

    @property
    def words(self) -> str:
        """The picture, for who does not see it."""
        return ", ".join(f"{item.name} {numbers.share(item.percent)}" for item in self.slices)


class AllocationPage(OfBook):
    """Each part is read when it is first asked for."""

    @cached_property
    def regime(self) -> RegimeSnapshot | None:
        """The last one by the venue's clock; None before the first."""
        rows = RegimeSnapshot.objects.filter(
            venue_id=self.book.venue, timeframe=TIMEFRAME.value, close_time__lte=self.book.now
        )
        return rows.select_related("reference").order_by("-close_time").first()

    @cached_property
    def sharings(self) -> list[Sharing]:
        """The latest of each account, in the order in which they were opened."""
        own = AllocationSnapshot.objects.of(self.user).filter(
            account_id__in=self.book.account_ids,
            regime_snapshot__close_time__lte=self.book.now,
        )
        latest = own.order_by("account_id", "-regime_snapshot__close_time").distinct("account_id")
        return [_sharing(row) for row in latest.select_related("account", "regime_snapshot")]

    @property
    def kind(self) -> str:
        """`low-volatility`; empty where it is not known."""
        return "" if self.regime is None else self.regime.regime.replace("_", "-")

    @property
    def inputs(self) -> list[InputLine]:
        return [] if self.regime is None else _inputs(self.regime)

    @property
    def unknown_because(self) -> str:
        """Why the class is not known yet; empty where it is."""
        regime = self.regime
        if regime is None:
            return "no hour has closed here since this is kept, or nothing here stands for crypto"
        if regime.regime:
            return ""
        if regime.candles < LEAST_CANDLES:
            return f"{regime.candles} of {LEAST_CANDLES} candles"
        if regime.observed:
            seen = regime.get_observed_display()
            return f"{seen} was seen for one hour, and is entered with the second in a row"
        return f"{', '.join(INPUTS[name][0] for name in regime.missing)} cannot be told now"


def _sharing(row: AllocationSnapshot) -> Sharing:
    parts = zip(CLASSES.items(), row.shares.parts, split(row.capital, row.shares), strict=True)
    slices, start = [], Decimal(0)
    for (key, name), share, amount in parts:
        if share:
            slices.append(Slice(key, name, start, share, amount))
        start += share
    return Sharing(row, slices)


def _inputs(regime: RegimeSnapshot) -> list[InputLine]:
    return [
        InputLine(name, _value(regime.inputs[key]), meaning)
        for key, (name, meaning) in INPUTS.items()
    ]


def _value(stored: float | str | None) -> str:
    if stored is None:
        return "not known"
    if isinstance(stored, str):
        return "not at this venue"
    return numbers.grouped(Decimal(stored), 1)
