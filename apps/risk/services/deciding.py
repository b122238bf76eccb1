"""Step 4: every question asked of one signal for one subscription, and the receipt that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import orjson

from apps.common import bulk, db
from apps.events import services as events
from apps.risk.models import Decision
from trading.gates import conclude, judge
from trading.gates.values import Intent, Limits, Outcome, Snapshot, Verdict, text
from trading.money import ZERO
from trading.signals import Action, EntryPlan
from trading.sizing import (
    Cap,
    CapCode,
    clip,
    cost_per_unit,
    entry_buffer,
    risk_quantity,
    to_reserve,
)

COLUMNS = (
    "id", "user_id", "signal_id", "subscription_id", "account_id", "instrument_id", "mode",
    "action", "outcome", "code", "sized_down_by", "quantity", "reference_price", "settings",
    "verdicts", "decided_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One signal before one subscription, with every fact that the gates may ask for."""

    user_id: int
    signal_id: int
    subscription_id: int
    account_id: int
    instrument_id: int
    mode: str
    action: Action
    price: Decimal
    stop_price: Decimal | None
    entry_plan: EntryPlan  # with prices on the increment
    snapshot: Snapshot
    limits: Limits
    capital_in_use: Decimal  # of this subscription, in positions and reservations


@dataclass(frozen=True, slots=True)
class Judged:
    case: Case
    intent: Intent
    outcome: Outcome
    code: str
    sized_down_by: str
    verdicts: tuple[Verdict, ...]


def decide(case: Case) -> Judged:
    """Size it, ask every gate, conclude. Pure: writes nothing, reads no clock."""
    intent, sized_down_by = _exit(case) if not case.action.is_entry else _entry(case)
    verdicts = judge(intent, case.snapshot, case.limits)
    outcome, code = conclude(verdicts)
    return Judged(case, intent, outcome, code, sized_down_by, verdicts)


def _exit(case: Case) -> tuple[Intent, str]:
    held = abs(case.snapshot.position_quantity or ZERO)
    return Intent(case.action, held, case.price, ZERO), ""


def _entry(case: Case) -> tuple[Intent, str]:
    limits, rules, plan = case.limits, case.snapshot.rules, case.entry_plan
    price, buffer = plan.worst_price(case.price), entry_buffer(plan, case.action.side)
    unit = cost_per_unit(price, rules, case.action.direction, buffer=buffer)
    most = limits.capital * limits.leverage
    caps = [
        Cap(CapCode.CAPITAL_TIMES_LEVERAGE, most / price),
        Cap(CapCode.CAPITAL_IN_USE, (most - case.capital_in_use) / price),
    ]
    if case.snapshot.free_cash is not None:
        caps.append(Cap(CapCode.FREE_CASH, case.snapshot.free_cash / unit))
    wanted = risk_quantity(limits.capital, limits.risk_per_trade, price, case.stop_price)
    size = clip(wanted, caps, rules)
    cost = to_reserve(size.quantity, price, rules, case.action.direction, buffer=buffer)
    intent = Intent(case.action, size.quantity, price, cost, buffer, plan.time_in_force)
    return intent, size.sized_down_by or ""


@db.transaction_required
def record_decisions(judged: Sequence[Judged], decided_at: datetime) -> list[int]:
    """Write the receipts, and one event for each. Their ids, in the same order."""
    ids = bulk.take_ids(Decision, len(judged))
    bulk.copy_rows(
        Decision,
        COLUMNS,
        (
            _row(decision_id, item, decided_at)
            for decision_id, item in zip(ids, judged, strict=True)
        ),
    )
    events.record_many(
        [
            events.Fact("decision.made", item.case.user_id, decided_at, _payload(pk, item))
            for pk, item in zip(ids, judged, strict=True)
        ]
    )
    return ids


def _row(pk: int, item: Judged, decided_at: datetime) -> tuple[object, ...]:
    case, limits = item.case, item.case.limits
    settings = (
        f'["{text(limits.capital)}","{text(limits.risk_per_trade)}","{text(limits.leverage)}",'
        f'{limits.max_positions},"{text(limits.max_daily_loss)}"]'
    )
    return (
        pk, case.user_id, case.signal_id, case.subscription_id, case.account_id,
        case.instrument_id, case.mode, case.action.value, item.outcome.value, item.code,
        item.sized_down_by, item.intent.quantity, case.price, settings,
        orjson.dumps([tuple(verdict) for verdict in item.verdicts]).decode(), decided_at,
    )  # fmt: skip


def _payload(pk: int, item: Judged) -> dict[str, object]:
    return {
        "decision": pk,
        "subscription": item.case.subscription_id,
        "instrument": item.case.instrument_id,
        "action": item.case.action.value,
        "outcome": item.outcome.value,
        "code": item.code,
        "quantity": text(item.intent.quantity),
        "price": text(item.case.price),
    }
