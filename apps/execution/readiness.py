"""How ready a subscription is to go live: what its owner has, and how they have traded its version
on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models.functions import Coalesce

from apps.common.models import Mode
from apps.execution.models import Position, Trade
from apps.market import selectors as market
from apps.strategies.models import StrategySubscription
from apps.strategies.needs import needs
from trading.money import ZERO
from trading.performance.outcomes import payoff_ratio, total
from trading.performance.realised import ClosedTrade, performance
from trading.readiness import Check, Evidence, checks

SECONDS_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Paper:
    """Everybody's own paper trading of one version. `open_pnl` is None where a price is missing.
    Every result is as if its subscription had had the capital that its account has now: who begins
    again with another one keeps what was won or lost of the capital, and not the amount.
    """

    capital: Decimal
    trades: Sequence[ClosedTrade]
    began_at: datetime | None
    until: datetime
    open_pnl: Decimal | None
    is_holding: bool


class Followed(NamedTuple):
    """The columns of a subscription."""

    pk: int
    account_id: int
    own_capital: Decimal
    is_paused: bool
    ended_at: datetime | None


class Open(NamedTuple):
    """The columns of a position that is held."""

    subscription_id: int
    instrument_id: int
    quantity: Decimal
    entry_value: Decimal
    exit_value: Decimal
    fees: Decimal
    funding: Decimal

    def pnl(self, price: Decimal) -> Decimal:
        taken = self.exit_value - self.entry_value
        so_far = taken if self.quantity > 0 else -taken
        return so_far + self.quantity * price + self.funding - self.fees


def live_readiness(subscription: StrategySubscription, now: datetime) -> tuple[Check, ...]:
    """Every check, met or not; `now` is the wall clock's, by which consents and certificates go.
    What has been traded goes by the venue's."""
    found = needs(subscription.user, subscription.version, now)
    return checks(found, evidence(paper_trading(subscription)))


def evidence(paper: Paper) -> Evidence:
    """Of closed trades; what is open counts in the result and the drawdown, at its price of now.
    Those two are not known where it has none."""
    closed = list(paper.trades)
    outcomes = [trade.pnl for trade in closed]
    found = performance(closed, (), start=paper.capital, until=paper.until)
    hours = None if paper.began_at is None else (paper.until - paper.began_at).total_seconds()
    marked: ClosedTrade | None = None
    if paper.is_holding and paper.open_pnl is not None:
        marked = ClosedTrade(paper.until, paper.until, paper.open_pnl, ZERO)
    is_valued = (not paper.is_holding or marked is not None) and bool(closed)
    whole = [*closed, marked] if marked is not None else closed
    valued = performance(whole, (), start=paper.capital, until=paper.until)
    return Evidence(
        hours=None if hours is None else Decimal(int(hours)) / SECONDS_AN_HOUR,
        trades=Decimal(len(closed)),
        net=total(each.pnl for each in whole) / paper.capital if is_valued else None,
        drawdown=valued.drawdown.fraction if is_valued and valued.drawdown else None,
        win_rate=found.win_rate,
        sharpe=None if found.sharpe is None else Decimal(repr(found.sharpe)),
        profit_factor=found.profit_factor,
        reward_risk=payoff_ratio(outcomes),
    )


def paper_trading(subscription: StrategySubscription) -> Paper:
    """Of its owner, with its version, on all paper accounts of the same currency: subscriptions
    that have ended count too. The capital is each account's once: that of its last one."""
    version = subscription.version
    rows: Any = StrategySubscription.objects.of(subscription.user).filter(
        version=version, mode=Mode.PAPER, account__currency=subscription.account.currency
    )
    own = rows.annotate(own_capital=Coalesce("capital", "version__capital")).order_by("pk")
    followed = [Followed(*row) for row in own.values_list(*Followed._fields)]
    capitals = {row.account_id: row.own_capital for row in followed}
    scales = {row.pk: capitals[row.account_id] / row.own_capital for row in followed}
    trades = _trades(subscription.user, scales)
    now = market.market_now(subscription.account.venue_id)
    began_at = min((trade.opened_at for trade in trades), default=None)
    is_running = any(not row.is_paused and row.ended_at is None for row in followed)
    last = max((trade.closed_at for trade in trades), default=now)
    positions = [
        Open(*row)
        for row in Position.objects.of(subscription.user)
        .filter(subscription_id__any_of=list(scales))
        .exclude(quantity=0)
        .values_list(*Open._fields)
    ]
    return Paper(
        capital=sum(capitals.values(), ZERO),
        trades=trades,
        began_at=began_at,
        until=now if is_running or positions else last,
        open_pnl=_open_pnl(positions, scales, now),
        is_holding=bool(positions),
    )


def _trades(user: Any, scales: Mapping[int, Decimal]) -> list[ClosedTrade]:
    """`scales` by subscription: what each amount of it is multiplied by."""
    rows: Any = Trade.objects.of(user).filter(position__subscription_id__any_of=list(scales))
    columns = ("position__subscription_id", "opened_at", "closed_at", "pnl", "fees")
    return [
        ClosedTrade(opened_at, closed_at, pnl * scales[pk], fees * scales[pk])
        for pk, opened_at, closed_at, pnl, fees in rows.order_by("closed_at", "pk").values_list(
            *columns
        )
    ]


def _open_pnl(
    positions: Sequence[Open], scales: Mapping[int, Decimal], now: datetime
) -> Decimal | None:
    """Of the round trips that are open, with what has been taken of them and paid for them so far;
    None where something that is held has no price."""
    instruments = sorted({each.instrument_id for each in positions})
    prices = market.latest_prices(instruments, now) if instruments else {}
    if len(prices) < len(instruments):
        return None
    return sum(
        (each.pnl(prices[each.instrument_id]) * scales[each.subscription_id] for each in positions),
        ZERO,
    )
