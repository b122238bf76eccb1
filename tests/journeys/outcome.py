"""What a crowd has come to, in terms that are the same at every venue; and whether it is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.db.models import Q, QuerySet

from apps.brokers.models import BrokerAccount
from apps.events.models import Event
from apps.execution.models import Balance, Fill, Order, OrderEvent, Position, Trade
from apps.execution.services.amendments import QUANTITY_FITTED, QUANTITY_RAISED, STOP_MOVED
from apps.execution.services.late_facts import CANDLE_CAME_LATE
from apps.market.models import CandleCursor
from apps.risk.models import Decision, RiskState
from apps.strategies.models import Run, Signal, StrategySubscription
from tests.journeys.crowd import Crowd
from trading.orders import TRANSITIONS, OrderStatus

Rows = Counter[tuple[Any, ...]]

OF_DECISION = (
    "signal__candle_close_time", "action", "outcome", "code", "sized_down_by", "quantity",
    "reference_price", "settings", "verdicts", "decided_at",
)  # fmt: skip
OF_ORDER = (
    "leg", "side", "order_type", "quantity", "limit_price", "trigger_price", "status", "reason",
    "filled_quantity", "active_from", "decision__decided_at",
)  # fmt: skip
OF_FILL = ("order__leg", "side", "quantity", "price", "commission", "filled_at")
OF_TRADE = ("sequence", "quantity", "entry_price", "exit_price", "fees", "pnl", "exit_reason")
OF_POSITION = ("quantity", "cost", "fees", "realised_pnl", "trade_sequence", "opened_at")


def outcome(crowd: Crowd) -> dict[str, Rows]:
    """Everything that money depends on, by the number of the subscription within its crowd."""
    subscriptions = _numbered(StrategySubscription.objects.filter(version=crowd.first))
    rivals = _numbered(StrategySubscription.objects.filter(version=crowd.second))
    names = {
        **{pk: (1, number) for pk, number in subscriptions.items()},
        **{pk: (2, number) for pk, number in rivals.items()},
    }
    accounts = _numbered(BrokerAccount.objects.filter(venue=crowd.venue))
    of_each: dict[str, tuple[QuerySet[Any], Sequence[str]]] = {
        "decisions": (Decision.objects.all(), ("instrument__symbol", *OF_DECISION)),
        "orders": (Order.objects.all(), ("instrument__symbol", *OF_ORDER)),
        "fills": (Fill.objects.all(), ("instrument__symbol", *OF_FILL)),
        "trades": (Trade.objects.all(), ("instrument__symbol", *OF_TRADE)),
        "positions": (Position.objects.all(), ("instrument__symbol", *OF_POSITION)),
        "risk": (RiskState.objects.all(), ("day", "realised_pnl")),
    }
    found = {
        name: _rows(rows.filter(subscription__in=names), "subscription", names, columns)
        for name, (rows, columns) in of_each.items()
    }
    cash = Balance.objects.filter(account__in=accounts)
    return {**found, "cash": _rows(cash, "account", accounts, ("currency", "cash", "reserved"))}


def assert_sound(*crowds: Crowd) -> None:
    """Each thing once, none missing, money conserved, every order's life and every chain whole."""
    call_command("check_ledger")
    call_command("check_completeness")
    call_command("check_events")
    for crowd in crowds:
        assert not twice(Run.objects.filter(instrument__in=crowd.instruments), "instrument_id",
                         "version_id", "candle_close_time")  # fmt: skip
    signals = {
        signal.pk: signal.run.subscription_ids
        for signal in Signal.objects.select_related("run")
        if signal.run is not None
    }
    expected = Counter((pk, one) for pk, subscribed in signals.items() for one in subscribed)
    assert Counter(Decision.objects.values_list("signal_id", "subscription_id")) == expected
    ordered = Decision.objects.filter(outcome="ordered").values_list("pk", flat=True)
    first_legs = Order.objects.filter(leg__in=["entry", "exit"], exit=None)
    assert Counter(first_legs.values_list("decision_id", flat=True)) == Counter(ordered)
    assert not twice(Fill.objects.all(), "order_id", "filled_at")  # one candle fills an order once
    assert_lives_are_legal()


def twice(rows: QuerySet[Any], *columns: str) -> list[tuple[Any, ...]]:
    counted = Counter(rows.values_list(*columns))
    return [key for key, count in counted.items() if count > 1]


def assert_lives_are_legal() -> None:
    """Each order's recorded steps follow one another along the table and end where it stands."""
    stands = dict.fromkeys(Order.objects.values_list("pk", flat=True), "pending")
    steps = OrderEvent.objects.order_by("id")
    for order, old, new, reason in steps.values_list(
        "order_id", "old_status", "new_status", "reason"
    ):
        assert stands[order] == old
        if reason in (CANDLE_CAME_LATE, QUANTITY_FITTED, QUANTITY_RAISED, STOP_MOVED):
            assert new == old  # an amendment, not a step
            continue
        assert OrderStatus(new) in TRANSITIONS[OrderStatus(old)]
        stands[order] = new
    assert stands == dict(Order.objects.values_list("pk", "status"))


def is_taken(crowd: Crowd, moment: datetime) -> bool:
    """Whether the close has been taken to its end, and nobody waits for a decision or an answer."""
    behind = CandleCursor.objects.filter(
        Q(closed_through__lt=moment) | Q(decided_through__lt=moment),
        instrument__in=crowd.instruments,
    )
    undecided = Run.objects.filter(
        instrument__in=crowd.instruments, expected__gt=0, decided_at=None
    )
    pending = Order.objects.filter(instrument__in=crowd.instruments, status="pending")
    return not (behind.exists() or undecided.exists() or pending.exists())


def everything_was_told() -> bool:
    """Whether the relay has sealed and told every event."""
    return not Event.objects.filter(relayed_at=None).exists()


def assert_events_match() -> None:
    """One event for each decision and each fill, in the chain of its owner."""
    told = Event.objects.filter(kind__in=["decision.made", "fill.recorded"])
    counted = Counter(told.values_list("kind", "user_id"))
    decided = Counter(("decision.made", pk) for pk in _users(Decision.objects.all()))
    filled = Counter(("fill.recorded", pk) for pk in _users(Fill.objects.all()))
    assert counted == decided + filled


def _users(rows: QuerySet[Any]) -> Sequence[int]:
    return list(rows.values_list("user_id", flat=True))


def _numbered(rows: QuerySet[Any]) -> dict[int, int]:
    return {
        pk: number for number, pk in enumerate(rows.order_by("pk").values_list("pk", flat=True))
    }


def _rows(rows: QuerySet[Any], owner: str, names: dict[int, Any], columns: Sequence[str]) -> Rows:
    found = rows.values_list(f"{owner}_id", *columns)
    return Counter((names[row[0]], *(_plain(value) for value in row[1:])) for row in found)


def _plain(value: Any) -> Any:
    return repr(value) if isinstance(value, list) else value
