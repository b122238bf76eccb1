"""What an account's loss limits are held against, from day to day. Days and weeks are UTC's; a week
begins on Monday.

Whoever changes what is the account's begins its day first: then the equity at 00:00 can be told
at any later moment, since nothing was bought or sold in between. What is known only later is added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from trading.gates.risk_facts import NOT_PROVIDED, AccountFacts, Told
from trading.money import AMOUNT_STEP, ZERO
from trading.results import Result

MOVED = Decimal("0.05")
NEXT_TO_NOTHING = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class AccountDay:
    """Equities are None where a price was missing at that moment. All four are scaled by every
    deposit and withdrawal as the equity is, so that a share that was lost stays the same share
    (a time-weighted return). `consecutive_losses` are round trips, and know no day.
    `measured_equity`: that of a measurement before, kept anew when it is another by MOVED.
    """

    day: date
    start_of_day_equity: Decimal | None
    start_of_week_equity: Decimal | None
    peak_equity: Decimal | None
    trades_today: int = 0  # entries ordered
    lost_today: Decimal = ZERO  # by round trips (trading/results.py); others do not make up for it
    consecutive_losses: int = 0
    measured_equity: Decimal | None = None

    def next_day(self, day: date, at_day: Decimal | None, at_week: Decimal | None) -> "AccountDay":
        """As it begins on a later day; the equity when its week began is asked for only where that
        is another week."""
        is_same_week = week_of(day) == week_of(self.day)
        begun = replace(
            self,
            day=day,
            start_of_day_equity=at_day,
            start_of_week_equity=self.start_of_week_equity if is_same_week else at_week,
            trades_today=0,
            lost_today=ZERO,
        )
        return begun.seen(at_day)

    def seen(self, equity: Decimal | None) -> "AccountDay":
        """With the highest equity there was."""
        if equity is None or (self.peak_equity is not None and equity <= self.peak_equity):
            return self
        return replace(self, peak_equity=equity)

    def measured(self, equity: Decimal | None, most: Decimal) -> "AccountDay":
        """After a measurement. A jump is not kept: it is seen again until somebody has settled it;
        `most` as in `jump`."""
        highest = self.seen(equity)
        if equity is None or self.jump(equity, most) is not None:
            return highest
        before = self.measured_equity
        is_near = before is not None and abs(equity - before) < MOVED * abs(before)
        return highest if is_near else replace(highest, measured_equity=equity)

    def jump(self, equity: Decimal | None, most: Decimal) -> Decimal | None:
        """The share by which it differs from the measurement before, where that is above `most`; 0
        = there is no limit."""
        before = self.measured_equity
        if equity is None or before is None or before <= 0 or not most:
            return None
        share = abs(equity - before) / before
        return share if share > most else None

    def after_flow(self, equity: Decimal | None, amount: Decimal) -> "AccountDay":
        """After a deposit, or a withdrawal (below 0), with the equity before it."""
        return replace(
            self,
            start_of_day_equity=_flowed(self.start_of_day_equity, equity, amount),
            start_of_week_equity=_flowed(self.start_of_week_equity, equity, amount),
            peak_equity=_flowed(self.peak_equity, equity, amount),
            measured_equity=_flowed(self.measured_equity, equity, amount),
        )

    def after_results(self, results: Iterable[Result]) -> "AccountDay":
        """After fills. One of a day gone by counts for the losses in a row only; a round trip that
        brought nothing, for none."""
        lost, losses = self.lost_today, self.consecutive_losses
        for result in results:
            if result.day == self.day:
                lost += result.lost
            if result.pnl:
                losses = losses + 1 if result.pnl < 0 else 0
        return replace(self, lost_today=lost, consecutive_losses=losses)

    def after_late(self, at_day: Decimal | None, at_week: Decimal | None) -> "AccountDay":
        """After a fill of a day gone by: by how much what it changed was worth more as the day, and
        the week, began; None where a price was missing."""
        return replace(
            self,
            start_of_day_equity=_plus(self.start_of_day_equity, at_day),
            start_of_week_equity=_plus(self.start_of_week_equity, at_week),
        )

    def after_entries(self, count: int) -> "AccountDay":
        return replace(self, trades_today=self.trades_today + count)

    def facts(
        self,
        equity: Decimal | None,
        *,
        exposure: Decimal | None,
        open_positions: int | None,
        trades_today: int,
        lost_today: Decimal,
        users_positions: Told[int] = NOT_PROVIDED,
        api_errors: Told[int] = NOT_PROVIDED,
        messages: Told[int] = NOT_PROVIDED,
    ) -> AccountFacts:
        """As gates ask for them now. `exposure`: the worth of positions and of what is on its way;
        the user's positions, and trades and losses of the day, are of all accounts of this mode."""
        return AccountFacts(
            equity=equity,
            available=_less(equity, exposure),
            exposure=exposure,
            peak_equity=self.seen(equity).peak_equity,
            start_of_day_equity=self.start_of_day_equity,
            start_of_week_equity=self.start_of_week_equity,
            day_pnl=_less(equity, self.start_of_day_equity),
            week_pnl=_less(equity, self.start_of_week_equity),
            lost_today=lost_today,
            open_positions=open_positions,
            users_positions=users_positions,
            trades_today=trades_today,
            consecutive_losses=self.consecutive_losses,
            api_errors=api_errors,
            messages=messages,
        )


def first_day(day: date, at_day: Decimal | None, at_week: Decimal | None) -> AccountDay:
    return AccountDay(day, at_day, at_week, at_day)


def week_of(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _flowed(then: Decimal | None, equity: Decimal | None, amount: Decimal) -> Decimal | None:
    """An earlier equity as if the money had always been there, or never. Where next to nothing of
    it is left, no share of that says what the money is worth: then it is added."""
    if then is None or equity is None:
        return None
    if equity <= 0 or equity < NEXT_TO_NOTHING * then:
        return then + amount
    return (then * (equity + amount) / equity).quantize(AMOUNT_STEP)


def _plus(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right


def _less(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left - right
