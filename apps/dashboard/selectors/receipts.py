"""The receipt of one decision: what the strategy said, what was answered and why, what followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from apps.accounts.models import User
from apps.dashboard import numbers
from apps.dashboard.ladder_words import steps
from apps.dashboard.order_words import kind, price_awaited
from apps.dashboard.selectors.feed import told, with_order
from apps.dashboard.selectors.trades import REASONS
from apps.dashboard.words import NOTES, VERBS, GateLine, cap, gate_line, order_reason, sentence
from apps.execution.models import Fill, Order, OrderEvent, Position, Trade
from apps.risk.models import Decision
from apps.strategies.models import Signal, StrategySubscription
from apps.strategies.rows import entry_plan_of
from trading.exit_plans import Ladder
from trading.exits import ExitReason
from trading.gates.values import Status, Verdict
from trading.signals import Action, EntryPlan
from trading.sizing import SizingPolicy

TIMES = "\u00d7"


@dataclass(frozen=True, slots=True)
class Setting:
    """One limit as it was resolved for this decision, and whose word it was."""

    title: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Followed:
    """An order of the decision. `life` are its statuses in words, `ending` why it ended early."""

    order: Order
    price: Decimal | None
    life: str
    ending: str
    fills: Sequence[Fill]


@dataclass(frozen=True, slots=True)
class Receipt:
    """`position` is what this decision opened and is still held, `trade` the round trip that it
    began or ended.
    """

    decision: Decision
    sentence: str
    said: str
    asked: str  # how to enter; empty where it is at market, as usual
    note: str
    sized_down_by: str
    gates: Sequence[GateLine]
    settings: Sequence[Setting]
    orders: Sequence[Followed]
    position: Position | None
    trade: Trade | None

    @property
    def price_places(self) -> int:
        return numbers.places_of(self.decision.instrument.price_increment)

    @property
    def ladder(self) -> Sequence[str]:
        plain, instrument = self.decision.signal.ladder, self.decision.instrument
        if plain is None:
            return ()
        return list(steps(Ladder.of(plain), self.price_places, instrument.quote))

    @property
    def refused(self) -> int:
        return sum(1 for gate in self.gates if gate.status is Status.REFUSED)

    @property
    def trade_reason(self) -> str:
        return REASONS[ExitReason(self.trade.exit_reason)] if self.trade else ""


def receipt(user: User, pk: int) -> Receipt | None:
    """None where the user has no such decision."""
    own = Decision.objects.of(user).filter(pk=pk)
    decision: Decision | None = own.select_related(
        "signal__run", "signal__version__strategy", "instrument", "account__venue",
        "subscription__version", "approval",
    ).first()  # fmt: skip
    if decision is None:
        return None
    orders = _orders(user, decision)
    unit = decision.instrument.quote
    began_at = min((fill.filled_at for item in orders for fill in item.fills), default=None)
    return Receipt(
        decision=decision,
        sentence=sentence(told(with_order(own).get())),
        said=VERBS[Action(decision.action)].said,
        asked=_asked(decision),
        note=NOTES.get(decision.signal.note, ""),
        sized_down_by=cap(decision.sized_down_by),
        gates=[gate_line(Verdict(*verdict), unit) for verdict in decision.verdicts],
        settings=_settings(decision),
        orders=orders,
        position=_position(user, decision, began_at),
        trade=_trade(user, decision, began_at),
    )


def _asked(decision: Decision) -> str:
    signal = decision.signal
    if entry_plan_of(signal) == EntryPlan():
        return ""
    places = numbers.places_of(decision.instrument.price_increment)
    awaited = price_awaited(signal.limit_price, signal.trigger_price, places)
    return f"{kind(signal)}: {awaited}"


def _orders(user: User, decision: Decision) -> list[Followed]:
    orders = list(Order.objects.of(user).filter(decision=decision).order_by("id"))
    fills = list(Fill.objects.of(user).filter(order__in=orders).order_by("id"))
    steps = list(OrderEvent.objects.filter(order__in=orders).order_by("id"))
    return [
        _followed(
            order,
            [step for step in steps if step.order_id == order.pk],
            [fill for fill in fills if fill.order_id == order.pk],
        )
        for order in orders
    ]


def _followed(order: Order, steps: Sequence[OrderEvent], fills: Sequence[Fill]) -> Followed:
    statuses = [step.old_status for step in steps[:1]]
    # An amendment leaves the status.
    statuses += [step.new_status for step in steps if step.new_status != step.old_status]
    return Followed(
        order=order,
        price=order.trigger_price if order.trigger_price is not None else order.limit_price,
        life=" → ".join(status.replace("_", " ") for status in statuses or [order.status]),
        ending=order_reason(order.status, order.reason) if order.reason else "",
        fills=fills,
    )


def _position(user: User, decision: Decision, began_at: datetime | None) -> Position | None:
    if began_at is None or not Action(decision.action).is_entry:
        return None
    positions = Position.objects.of(user).filter(
        subscription=decision.subscription_id,
        instrument=decision.instrument_id,
        opened_at=began_at,
    )
    found: Position | None = positions.exclude(quantity=0).first()
    return found


def _trade(user: User, decision: Decision, began_at: datetime | None) -> Trade | None:
    if began_at is None:
        return None
    is_entry = Action(decision.action).is_entry
    trades = Trade.objects.of(user).filter(
        Q(opened_at=began_at) if is_entry else Q(closed_at=began_at),
        position__subscription=decision.subscription_id,
        position__instrument=decision.instrument_id,
    )
    # Closed and opened again in one candle: an exit ended the earlier, an entry began the later.
    found: Trade | None = trades.order_by("-sequence" if is_entry else "sequence").first()
    return found


def _settings(decision: Decision) -> list[Setting]:
    capital, risk, leverage, positions, loss = decision.settings
    unit = decision.instrument.quote
    shown = (
        ("Capital", "capital", capital, f"{numbers.money(Decimal(capital), unit)} {unit}"),
        ("Risk per trade", "risk_per_trade", risk, numbers.percent(Decimal(risk), 2)),
        ("Leverage", "leverage", leverage, f"{numbers.quantity(Decimal(leverage))} {TIMES}"),
        ("Positions at once", "max_positions", positions, f"at most {positions}"),
        ("Daily loss", "max_daily_loss", loss, f"less than {numbers.percent(Decimal(loss), 2)}"),
    )
    settings = [
        Setting(title, words, _origin(decision.subscription, name, Decimal(value)))
        for title, name, value, words in shown
    ]
    if decision.subscription.version.sizing == SizingPolicy.FRACTION:
        settings[1] = _said_size(decision.signal)  # what a stop may lose does not size it
    return settings


def _said_size(signal: Signal) -> Setting:
    size = signal.size_fraction
    words = "none" if size is None else f"{numbers.percent(size, 2)} of the capital"
    return Setting("Size", words, "said by the signal")


def _origin(subscription: StrategySubscription, name: str, value: Decimal) -> str:
    """Whose word it was. The receipt keeps the value; the subscription may have changed since."""
    own: Any = getattr(subscription, name)
    inherited: Any = getattr(subscription.version, name)
    if own is None and inherited == value:
        return "inherited from the strategy version"
    if own is not None and own == value:
        return "set on the subscription"
    return "as it was then; changed since"
