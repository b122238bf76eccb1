"""Entries that wait for their owner's word: asked for, withdrawn, declined, expired. What becomes
of an approved one is decided where orders are written."""

from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.common import bulk, db
from apps.common.errors import Conflict
from apps.common.models import Mode
from apps.events import services as events
from apps.execution.models import Approval
from apps.execution.services import clocks
from apps.risk import services as risk
from apps.risk.services import Judged
from trading.gates.values import Outcome, text
from trading.signals import Action, Direction

COLUMNS = (
    "id", "user_id", "decision_id", "mode", "asked_at", "expires_at", "answer", "by", "outcome",
    "code", "answered_at",
)  # fmt: skip
Said = Approval.Answer
ENTRIES = {
    Direction.LONG: Action.ENTER_LONG.value,
    Direction.SHORT: Action.ENTER_SHORT.value,
}


def lasts() -> timedelta:
    """How long one may wait."""
    return timedelta(minutes=settings.APPROVAL_MINUTES)


@db.transaction_required
def keep(decided: Sequence[tuple[int, Judged]], at: datetime) -> None:
    """Ask for the word of those whose entry was deferred, and withdraw what waits to enter where
    their strategy now says to leave. Of a close that is decided so late that the time to answer is
    over nobody is asked: it has expired. Callers hold the locks of the accounts.
    """
    withdraw({_place(item) for _, item in decided if not item.question.asked.action.is_entry}, at)
    deferred = [(pk, item) for pk, item in decided if item.answer.outcome is Outcome.DEFERRED]
    if not deferred:
        return
    ids, until = bulk.take_ids(Approval, len(deferred)), at + lasts()
    kept = [(pk, *each) for pk, each in zip(ids, deferred, strict=True)]
    times = clocks.acting((item.instrument_id for _, _, item in kept), timezone.now())
    over = {pk: now for pk, _, item in kept if (now := times[item.instrument_id]) >= until}
    bulk.copy_rows(
        Approval,
        COLUMNS,
        (
            (pk, item.user_id, decision, item.mode, at, until,
             (Said.EXPIRED if pk in over else Said.WAITING).value, "", "", "", over.get(pk))
            for pk, decision, item in kept
        ),
    )  # fmt: skip
    events.record_many(
        [
            events.Fact("approval.needed", item.user_id, at, _needed(pk, decision, item, until))
            for pk, decision, item in kept
            if pk not in over
        ]
    )


@db.transaction_required
def claim(approval: Approval, now: datetime, judged: Judged, price: object, by: str) -> None:
    """Approved, with all of the second decision. Once: raises Conflict where it does not
    wait any more. Callers hold the lock of the account.
    """
    claimed = _waiting(approval, now).update(
        answer=Said.APPROVED,
        answered_at=now,
        by=by,
        price=price,
        **risk.kept_again(judged, now),
    )
    if not claimed:
        raise conflict(approval)
    _tell([approval.pk], now)


@db.transaction
def decline(approval: Approval, *, now: datetime, by: str) -> None:
    """It is not ordered. Raises Conflict where it does not wait any more."""
    if not _waiting(approval, now).update(answer=Said.DECLINED, answered_at=now, by=by):
        raise conflict(approval)
    _tell([approval.pk], now)


@db.transaction
def expire(venue: str, now: datetime) -> int:
    """End what has waited too long at this venue, by the time there; the number that ended now."""
    over = Approval.objects.filter(
        answer=Said.WAITING, expires_at__lte=now, decision__instrument__venue=venue
    )
    return _end(over, Said.EXPIRED, now)


def refuse_answered(approval: Approval, now: datetime) -> None:
    """Raises Conflict where it does not wait any more; before a transaction is begun."""
    if not _waiting(approval, now).exists():
        raise conflict(approval)


def conflict(approval: Approval) -> Conflict:
    """Why it can be answered no more."""
    found = Approval.objects.get(pk=approval.pk)
    if found.answer in {Said.WAITING, Said.EXPIRED}:
        until = f"{found.expires_at:%Y-%m-%d %H:%M} UTC"
        return Conflict("APPROVAL_EXPIRED", f"It waited until {until} by the market's clock.")
    if found.answer == Said.WITHDRAWN:
        said = "The strategy has said to leave since: there is nothing to approve."
        return Conflict("APPROVAL_WITHDRAWN", said)
    return Conflict("APPROVAL_ANSWERED", f"It was {found.answer} already, by {found.by}.")


def _waiting(approval: Approval, now: datetime) -> QuerySet[Approval]:
    return Approval.objects.filter(pk=approval.pk, answer=Said.WAITING, expires_at__gt=now)


@db.transaction_required
def withdraw(left: Set[tuple[int, int, Direction]], at: datetime) -> None:
    """What waits to enter there, by subscription and instrument, is not entered at all: its
    strategy says to leave."""
    if not left:
        return
    entries = {(*place, ENTRIES[direction]) for *place, direction in left}
    rows = Approval.objects.filter(
        answer=Said.WAITING, decision__subscription_id__any_of={pk for pk, _, _ in left}
    )
    unwanted = [
        pk
        for pk, *key in rows.values_list(
            "pk", "decision__subscription_id", "decision__instrument_id", "decision__action"
        )
        if tuple(key) in entries
    ]
    _end(Approval.objects.filter(pk__in=unwanted), Said.WITHDRAWN, at)


def _place(item: Judged) -> tuple[int, int, Direction]:
    return item.subscription_id, item.instrument_id, item.question.asked.action.direction


def _end(rows: QuerySet[Approval], answer: str, at: datetime) -> int:
    """Those of them that still wait; whoever answers at the same time was first, or is too late."""
    waiting = rows.filter(answer=Said.WAITING).order_by("pk")
    ids = list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        Approval.objects.filter(pk__in=ids).update(answer=answer, answered_at=at)
        _tell(ids, at)
    return len(ids)


def _tell(ids: Sequence[int], at: datetime) -> None:
    rows = Approval.objects.filter(pk__in=ids).annotate(
        subscription=F("decision__subscription_id"), instrument=F("decision__instrument_id")
    )
    told = ("pk", "user_id", "decision_id", "subscription", "instrument", "mode", "answer",
            "outcome", "code")  # fmt: skip
    events.record_many(
        [
            events.Fact("approval.answered", user, at, _answered(*columns))
            for user, columns in ((row[1], (row[0], *row[2:])) for row in rows.values_list(*told))
        ]
    )


def _answered(
    pk: int, decision: int, subscription: int, instrument: int, mode: Mode, answer: str,
    outcome: str, code: str,
) -> dict[str, object]:  # fmt: skip
    return {
        "approval": pk, "decision": decision, "subscription": subscription,
        "instrument": instrument, "mode": mode, "answer": answer, "outcome": outcome or None,
        "code": code,
    }  # fmt: skip


def _needed(pk: int, decision: int, item: Judged, until: datetime) -> dict[str, object]:
    asked = item.question.asked
    return {
        "approval": pk, "decision": decision, "subscription": item.subscription_id,
        "instrument": item.instrument_id, "mode": item.mode, "action": asked.action.value,
        "quantity": text(item.answer.intent.quantity), "price": text(asked.price),
        "expires_at": until.isoformat(),
    }  # fmt: skip
