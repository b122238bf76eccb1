"""Whether a backtest over the same candles makes the trades that a paper subscription made."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from apps.common.models import Mode
from apps.events.models import Event
from apps.execution.models import JournalEntry, Posting, Trade
from apps.market.models import Instrument, MarketClock
from apps.research.services.histories import markets_of
from apps.research.services.limits import held_on_paper
from apps.risk.limits import own_limits_of
from apps.strategies.models import StrategySubscription
from apps.subscriptions.selectors import entitlements
from trading.backtest import Result, Settings, backtest
from trading.candles import Timeframe
from trading.gates.values import Limits
from trading.ledger import Account
from trading.money import ZERO
from trading.performance.trips import Trip
from trading.sizing import SizingPolicy
from trading.strategies import REGISTRY
from trading.tiers import tier_of

CENT = Decimal("0.00000001")
COMPARED = (
    "direction", "quantity", "entry_time", "entry_price", "exit_time", "exit_price", "fees",
    "funding", "pnl", "exit_reason",
)  # fmt: skip


class Difference(NamedTuple):
    """One thing in which paper and backtest do not agree."""

    symbol: str
    entry_time: datetime
    what: str  # a column of COMPARED, `only in paper` or `only in the backtest`
    paper: str
    backtest: str


@dataclass(frozen=True, slots=True)
class Parity:
    """`reasons` are circumstances that a backtest of one subscription does not know of."""

    paper: Sequence[Trip]
    simulated: Sequence[Trip]
    differences: Sequence[Difference]
    reasons: Sequence[str]


def compare(subscription: StrategySubscription, now: datetime) -> Parity:
    """The round trips that the subscription has closed, beside those of a backtest that begins
    when it began, on the cash that its account had then, under the limits that hold now."""
    paper, simulated = _paper_trades(subscription), simulate(subscription, now)
    reasons = [*_reasons(subscription), *_reasons_of_size(subscription, simulated, now)]
    return Parity(paper, simulated.trades, list(differences(paper, simulated.trades)), reasons)


def simulate(subscription: StrategySubscription, now: datetime) -> Result:
    """The backtest of a subscription's own settings over what its venue has stored. `now` is the
    wall's, by which plans are paid."""
    version, account = subscription.version, subscription.account
    clock = MarketClock.objects.get(venue_id=account.venue_id)
    strategy = REGISTRY[version.strategy.code]
    began = _began(subscription)
    cash = _cash_at(subscription, began)
    held = held_on_paper(subscription.user, strategy, cash, now)
    settings = Settings(
        strategy=strategy,
        parameters=strategy.parse(version.parameters),
        cash=cash,
        currency=account.currency,
        limits=replace(_limits(subscription), bounds=held.bounds),
        slippage_bps=account.paper_slippage_bps,
        begins_at=began,
        symbols=held.symbols,
    )
    instruments = _instruments(subscription)
    markets = markets_of(
        instruments, Timeframe(clock.timeframe), Timeframe(version.timeframe), clock.now
    )
    return backtest(settings, markets)


def differences(paper: Sequence[Trip], simulated: Sequence[Trip]) -> Iterator[Difference]:
    """Trade by trade, matched by symbol and entry time; amounts to eight places."""
    theirs = {(trade.symbol, trade.entry_time): trade for trade in simulated}
    for trade in paper:
        other = theirs.pop((trade.symbol, trade.entry_time), None)
        if other is None:
            yield Difference(trade.symbol, trade.entry_time, "only in paper", _told(trade), "")
            continue
        for name in COMPARED:
            ours, its = _comparable(getattr(trade, name)), _comparable(getattr(other, name))
            if ours != its:
                yield Difference(trade.symbol, trade.entry_time, name, str(ours), str(its))
    for trade in theirs.values():
        yield Difference(trade.symbol, trade.entry_time, "only in the backtest", "", _told(trade))


def _comparable(value: object) -> object:
    return value.quantize(CENT) if isinstance(value, Decimal) else value


def _told(trade: Trip) -> str:
    return f"{trade.direction} {trade.quantity.normalize():f} at {trade.entry_price.normalize():f}"


def _paper_trades(subscription: StrategySubscription) -> list[Trip]:
    closed = Trade.objects.filter(subscription=subscription).order_by("closed_at", "id")
    rows: Iterable[Any] = closed.values_list(
        "instrument__symbol", "direction", "quantity", "opened_at", "entry_price", "closed_at",
        "exit_price", "fees", "funding", "pnl", "exit_reason", "mae", "mfe",
    )  # fmt: skip
    return [Trip(*row) for row in rows]


def _began(subscription: StrategySubscription) -> datetime:
    """On the venue's clock."""
    moment: datetime = _told_of(subscription, "started").earliest("id").happened_at
    return moment


def _told_of(subscription: StrategySubscription, what: str) -> QuerySet[Event]:
    return Event.objects.of(subscription.user).filter(
        kind=f"subscription.{what}", payload__subscription=subscription.pk
    )


def _cash_at(subscription: StrategySubscription, moment: datetime) -> Decimal:
    paid = Posting.objects.filter(
        account=subscription.account,
        ledger_account=Account.CASH,
        entry__happened_at__lte=moment,
    )
    return sum(paid.values_list("amount", flat=True), ZERO)


def _limits(subscription: StrategySubscription) -> Limits:
    version = subscription.version

    def own(name: str) -> Decimal:
        value = getattr(subscription, name)
        found: Decimal = getattr(version, name) if value is None else value
        return found

    return Limits(
        capital=own("capital"),
        risk_per_trade=own("risk_per_trade"),
        leverage=own("leverage"),
        max_positions=int(own("max_positions")),
        max_daily_loss=own("max_daily_loss"),
        warmup_candles=version.warmup_candles,
        sizing=SizingPolicy(version.sizing),
    )


def _instruments(subscription: StrategySubscription) -> list[Instrument]:
    found = subscription.version.instruments.order_by("symbol")
    narrowed = subscription.instrument_ids
    return [item for item in found if narrowed is None or item.pk in narrowed]


def _reasons(subscription: StrategySubscription) -> Iterator[str]:
    """Why the two may differ, other than by a fault."""
    account = subscription.account
    others = StrategySubscription.objects.filter(account=account).exclude(pk=subscription.pk)
    if others.exists():
        yield "other subscriptions spend the cash of the same account"
    began = _began(subscription)
    flows = JournalEntry.objects.filter(account=account, happened_at__gt=began)
    if flows.exclude(kind__in=JournalEntry.OF_TRADING).exists():
        yield "money came or went after it began"
    if _told_of(subscription, "paused").exists():
        yield "it was paused for a while"
    if Event.objects.filter(kind="kill_switch.tripped").exists():
        yield "a kill switch was tripped"
    if subscription.ended_at is not None:
        yield "it has ended"
    if own_limits_of([subscription.user_id], Mode.PAPER)[subscription.user_id].window is not None:
        yield "its owner lets entries be made at certain hours only"
    if subscription.version.blocked_regimes:
        yield "its version enters nothing in certain markets"


def _reasons_of_size(
    subscription: StrategySubscription, simulated: Result, now: datetime
) -> Iterator[str]:
    """On paper the tier follows the equity, unless the plan carries one; a backtest keeps the one
    that it began in."""
    if len(simulated.equity) and entitlements(subscription.user, now).capital_tier is None:
        worth = (Decimal(float(each)) for each in (min(simulated.equity), max(simulated.equity)))
        if len({tier_of(each) for each in worth}) > 1:
            yield "its account came into another capital tier"
