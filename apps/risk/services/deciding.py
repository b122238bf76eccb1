"""Step 4: the receipts of decisions (trading/decisions.py makes them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from apps.common import bulk, db
from apps.events import services as events
from apps.risk.models import Decision
from trading.decisions import Answer, Question
from trading.gates.values import text

COLUMNS = (
    "id", "user_id", "signal_id", "subscription_id", "account_id", "instrument_id", "mode",
    "action", "outcome", "code", "sized_down_by", "quantity", "reference_price", "settings",
    "verdicts", "decided_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """One signal before one subscription, and what was answered."""

    user_id: int
    signal_id: int
    subscription_id: int
    account_id: int
    instrument_id: int
    mode: str
    question: Question
    answer: Answer


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
            events.Fact("decision.made", item.user_id, decided_at, _payload(pk, item))
            for pk, item in zip(ids, judged, strict=True)
        ]
    )
    return ids


def _row(pk: int, item: Judged, decided_at: datetime) -> tuple[object, ...]:
    asked, answer, limits = item.question.asked, item.answer, item.question.limits
    settings = (
        f'["{text(limits.capital)}","{text(limits.risk_per_trade)}","{text(limits.leverage)}",'
        f'{limits.max_positions},"{text(limits.max_daily_loss)}"]'
    )
    return (
        pk, item.user_id, item.signal_id, item.subscription_id, item.account_id,
        item.instrument_id, item.mode, asked.action.value, answer.outcome.value, answer.code,
        answer.sized_down_by, answer.intent.quantity, asked.price, settings,
        orjson.dumps([verdict.stored() for verdict in answer.verdicts]).decode(), decided_at,
    )  # fmt: skip


def _payload(pk: int, item: Judged) -> dict[str, object]:
    return {
        "decision": pk,
        "subscription": item.subscription_id,
        "instrument": item.instrument_id,
        "action": item.question.asked.action.value,
        "outcome": item.answer.outcome.value,
        "code": item.answer.code,
        "quantity": text(item.answer.intent.quantity),
        "price": text(item.question.asked.price),
    }
