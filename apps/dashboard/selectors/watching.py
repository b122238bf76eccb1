"""What the subscriptions of a book look at, and what they have made today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.dashboard.selectors.books import Book
from apps.strategies.models import StrategySubscription
from trading.candles import Timeframe
from trading.money import ZERO


@dataclass(frozen=True, slots=True)
class Watched:
    """An instrument that at least one running subscription looks at."""

    id: int
    symbol: str
    price_places: int


@dataclass(frozen=True, slots=True)
class Following:
    """One subscription; `instruments` are those that it has not been narrowed away from."""

    id: int
    strategy: str
    timeframe: Timeframe
    is_paused: bool
    ended_at: datetime | None
    realised_on: date | None
    realised: Decimal
    instruments: list[Watched]

    @property
    def is_running(self) -> bool:
        return not self.is_paused and self.ended_at is None

    @property
    def symbols(self) -> str:
        return ", ".join(instrument.symbol for instrument in self.instruments)

    @property
    def every(self) -> str:
        return every(self.timeframe)


@dataclass(frozen=True, slots=True)
class Watching:
    """`by_hand` look at nothing: what their owner orders there counts in the results only."""

    subscriptions: Sequence[Following] = ()
    by_hand: Sequence[Following] = ()

    @property
    def running(self) -> list[Following]:
        return [following for following in self.subscriptions if following.is_running]

    @property
    def instruments(self) -> list[Watched]:
        """By symbol; of those that still follow, else of all."""
        chosen = self.running or self.subscriptions
        found = {item.id: item for following in chosen for item in following.instruments}
        return sorted(found.values(), key=lambda item: item.symbol)

    @property
    def timeframes(self) -> set[Timeframe]:
        return {following.timeframe for following in self.running}

    def realised_on(self, day: date) -> Decimal:
        """After fees, over all subscriptions."""
        everything = (*self.subscriptions, *self.by_hand)
        return sum((item.realised for item in everything if item.realised_on == day), ZERO)


def watching(user: User, book: Book) -> Watching:
    """One row per subscription and instrument; one query."""
    rows = StrategySubscription.objects.of(user).filter(account_id__in=book.account_ids)
    found: dict[int, Following] = {}
    own: set[int] = set()
    for pk, by_hand, name, timeframe, paused, ended, chosen, day, pnl, instrument, symbol, step in (
        rows.order_by("id", "version__instruments__symbol").values_list(
            "id", "is_by_hand", "version__strategy__name", "version__timeframe", "is_paused",
            "ended_at", "instrument_ids", "risk_state__day", "risk_state__realised_pnl",
            "version__instruments__id", "version__instruments__symbol",
            "version__instruments__price_increment",
        )
    ):  # fmt: skip
        following = found.setdefault(
            pk, Following(pk, name, Timeframe(timeframe), paused, ended, day, pnl or ZERO, [])
        )
        if by_hand:
            own.add(pk)
        if instrument is not None and (chosen is None or instrument in chosen):
            following.instruments.append(Watched(instrument, symbol, places_of(step)))
    return Watching(
        tuple(following for pk, following in found.items() if pk not in own),
        tuple(following for pk, following in found.items() if pk in own),
    )


def every(timeframe: Timeframe) -> str:
    """How often candles of this length close: `every 5 minutes`"""
    for unit, minutes in (("day", 1440), ("hour", 60), ("minute", 1)):
        count, rest = divmod(timeframe.minutes, minutes)
        if count and not rest:
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    raise AssertionError("a candle is a minute at least")
