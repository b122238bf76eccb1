"""Everything that the page shows of one book, at one moment of its venue's clock."""

from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import Max

from apps.accounts.models import User
from apps.dashboard.selectors.books import OfBook
from apps.dashboard.selectors.cards import Cards, total
from apps.dashboard.selectors.closes import closes_at
from apps.dashboard.selectors.equity import INSTANT, Flows, equity_at, flows
from apps.dashboard.selectors.feed import Line, decision_feed
from apps.dashboard.selectors.halts import Halt, halts
from apps.dashboard.selectors.positions import Positions, positions
from apps.dashboard.selectors.trades import Trades, trades
from apps.dashboard.selectors.watching import Watching, watching
from apps.events.models import Event
from trading.candles import Timeframe, floor_time


class Desk(OfBook):
    """Each part is read when it is first asked for, so a fragment costs only what it shows.

    `sequence` is the user's last sealed event and is read before all else: the stream goes on from
    there, and what happens while we read is told again rather than lost.
    """

    def __init__(self, user: User, key: str = "", *, with_skipped: bool = False) -> None:
        self.with_skipped = with_skipped
        self.sequence: int = Event.objects.of(user).aggregate(last=Max("sequence"))["last"] or 0
        super().__init__(user, key)

    @property
    def now(self) -> datetime:
        return self.book.now

    @property
    def timeframes(self) -> list[Timeframe]:
        """Of the charts: the venue's finest and those that the strategies look at."""
        return sorted(
            {self.book.finest, *self.watching.timeframes}, key=lambda frame: frame.minutes
        )

    @cached_property
    def halts(self) -> list[Halt]:
        return halts(self.user)

    @cached_property
    def watching(self) -> Watching:
        return watching(self.user, self.book)

    @cached_property
    def trades(self) -> Trades:
        return trades(self.user, self.book)

    @cached_property
    def feed(self) -> list[Line]:
        return decision_feed(self.user, self.book, with_skipped=self.with_skipped)

    @property
    def positions(self) -> Positions:
        return self._valued[0]

    @property
    def equity(self) -> Decimal | None:
        """None where something that is held has no price."""
        return self._valued[1]

    @property
    def open_pnl(self) -> Decimal | None:
        return total([position.unrealised_pnl for position in self.positions.open])

    @property
    def exposure(self) -> Decimal | None:
        values = [position.value for position in self.positions.open]
        return total([None if value is None else abs(value) for value in values])

    @cached_property
    def cards(self) -> Cards:
        held, equity, day_base = self._valued
        done = self.trades
        fees = done.fees + held.fees_of_open
        return Cards(
            currency=self.book.currency,
            cash=self.book.cash,
            equity=equity,
            day_base=day_base,
            open_pnl=self.open_pnl,
            exposure=self.exposure,
            realised_today=self.watching.realised_on(self._midnight.date()),
            realised=held.realised_before_fees - fees,
            fees=fees,
            trades=done.count,
            wins=done.wins,
            win_fraction=done.win_fraction,
        )

    @property
    def _midnight(self) -> datetime:
        return floor_time(self.now, Timeframe.D1)

    @cached_property
    def _valued(self) -> tuple[Positions, Decimal | None, Decimal | None]:
        """The positions at their last prices, the equity, and what the day is measured against."""
        midnight, now = self._midnight, self.now
        unpriced = positions(self.user, self.book)
        held = unpriced.held()
        # What is dated at midnight is of the day that begins, as in what it has realised.
        moved: Flows = flows(self.user, self.book, [midnight - INSTANT, now])
        closes = closes_at(sorted({*held, *moved.quantities}), self.book.finest, [midnight, now])
        day_start, equity = equity_at(self.book.cash, held, moved, closes)
        day_base = None if day_start is None else day_start + moved.deposited
        prices = {pk: values[-1] for pk, values in closes.items()}
        return unpriced.priced(prices), equity, day_base
