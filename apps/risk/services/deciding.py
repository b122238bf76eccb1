"""Step 4: the receipts of decisions (trading/decisions.py makes them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import md5
from typing import NamedTuple

import orjson

from apps.common import bulk, db
from apps.events import services as events
from apps.risk.models import Decision, LimitSet
from trading.decisions import Answer, Question
from trading.gates.bounds import in_force
from trading.gates.deciding import AllTheSame, could_not_be_done
from trading.gates.values import Outcome, text
from trading.money import ZERO
from trading.signals import Action

AGAIN = ("outcome", "code", "sized_down_by", "quantity", "settings", "limits_id", "verdicts")
_JSON = ("settings", "verdicts")


class Row(NamedTuple):
    """Of the table of decisions, as COPY takes it: `settings` and `verdicts` are JSON."""

    id: int
    user_id: int
    signal_id: int
    subscription_id: int
    account_id: int
    instrument_id: int
    mode: str
    action: str
    outcome: str
    code: str
    sized_down_by: str
    quantity: Decimal
    reference_price: Decimal
    settings: str
    limits_id: int | None
    verdicts: str
    decided_at: datetime


class Undecided(NamedTuple):
    """One signal that nobody could answer, before one subscription."""

    user_id: int
    signal_id: int
    subscription_id: int
    account_id: int
    instrument_id: int
    mode: str
    action: Action
    price: Decimal
    all_the_same: AllTheSame


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
    limits = _limit_sets(judged)
    _write(
        [
            _row(decision_id, item, limits[id(item.question.limits.bounds)], decided_at)
            for decision_id, item in zip(ids, judged, strict=True)
        ]
    )
    return ids


@db.transaction_required
def record_undecided(given_up: Sequence[Undecided], decided_at: datetime) -> None:
    """The receipts of what nobody can decide, so that everybody else goes on."""
    ids = bulk.take_ids(Decision, len(given_up))
    _write([_row_of_error(*each, decided_at) for each in zip(ids, given_up, strict=True)])


def _write(rows: Sequence[Row]) -> None:
    bulk.copy_rows(Decision, Row._fields, rows)
    events.record_many(
        [events.Fact("decision.made", row.user_id, row.decided_at, _payload(row)) for row in rows]
    )


def as_decision(item: Judged, decided_at: datetime) -> Decision:
    """The receipt as it would be written, with the limits in force. Nothing is."""
    decision = Decision(**{**_columns(item, 0, decided_at), "id": None, "limits_id": None})
    kept = orjson.dumps(in_force(item.question.limits.bounds))
    decision.limits = LimitSet(limits=orjson.loads(kept))
    return decision


@db.transaction_required
def kept_again(item: Judged, decided_at: datetime) -> dict[str, object]:
    """The columns of an answer that stands beside the decision that it follows; its limits are
    kept."""
    (limits_id,) = _limit_sets([item]).values()
    columns = _columns(item, limits_id, decided_at)
    return {name: columns[name] for name in AGAIN}


def _columns(item: Judged, limits_id: int, decided_at: datetime) -> dict[str, object]:
    columns = _row(0, item, limits_id, decided_at)._asdict()
    return {**columns, **{name: orjson.loads(str(columns[name])) for name in _JSON}}


def _limit_sets(judged: Sequence[Judged]) -> dict[int, int]:
    """Where the limits of each are kept, by identity: thousands share the same object."""
    bounds = {id(item.question.limits.bounds): item.question.limits.bounds for item in judged}
    texts = {key: orjson.dumps(in_force(each)).decode() for key, each in bounds.items()}
    digests = {
        key: md5(text.encode(), usedforsecurity=False).hexdigest() for key, text in texts.items()
    }
    rows = {digests[key]: text for key, text in texts.items()}
    # In the order of the digests: two who write the same ones never wait for each other.
    LimitSet.objects.bulk_create(
        [
            LimitSet(digest=digest, limits=orjson.loads(text))
            for digest, text in sorted(rows.items())
        ],
        ignore_conflicts=True,
    )
    kept = dict(LimitSet.objects.filter(digest__in=rows).values_list("digest", "pk"))
    return {key: kept[digest] for key, digest in digests.items()}


def _row(pk: int, item: Judged, limits_id: int, decided_at: datetime) -> Row:
    asked, answer, limits = item.question.asked, item.answer, item.question.limits
    settings = (
        f'["{text(limits.capital)}","{text(limits.risk_per_trade)}","{text(limits.leverage)}",'
        f'{limits.max_positions},"{text(limits.max_daily_loss)}"]'
    )
    return Row(
        pk, item.user_id, item.signal_id, item.subscription_id, item.account_id,
        item.instrument_id, item.mode, asked.action.value, answer.outcome.value, answer.code,
        answer.sized_down_by, answer.intent.quantity, asked.price, settings, limits_id,
        orjson.dumps([verdict.stored() for verdict in answer.verdicts]).decode(), decided_at,
    )  # fmt: skip


def _row_of_error(pk: int, item: Undecided, decided_at: datetime) -> Row:
    """Without settings and limits: what they are may be what nobody could read."""
    verdict = could_not_be_done(item.all_the_same)
    return Row(
        pk, item.user_id, item.signal_id, item.subscription_id, item.account_id,
        item.instrument_id, item.mode, item.action.value, Outcome.ERROR.value, verdict.code, "",
        ZERO, item.price, "null", None, orjson.dumps([verdict.stored()]).decode(), decided_at,
    )  # fmt: skip


def _payload(row: Row) -> dict[str, object]:
    return {
        "decision": row.id,
        "subscription": row.subscription_id,
        "instrument": row.instrument_id,
        "action": row.action,
        "outcome": row.outcome,
        "code": row.code,
        "quantity": text(row.quantity),
        "price": text(row.reference_price),
    }
