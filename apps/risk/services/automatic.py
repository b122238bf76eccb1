"""Switches that trip by themselves, and clear by the rule of their cause."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from apps.common import db
from apps.common.fields import LONGEST_REASON
from apps.common.locks import transaction_lock
from apps.risk.models import TARGETS, Decision, KillSwitch
from apps.risk.refusals import verdicts_of
from apps.risk.sayings import in_currency
from apps.risk.services.deciding import Judged
from apps.risk.services.switches import EXPIRY, LOCK, close, tell
from trading.gates.sentences import Sayings
from trading.gates.triggers import (
    CALM_AFTER,
    Trigger,
    TriggerCause,
    TriggerScope,
    began,
    ends,
    triggers_of,
)
from trading.gates.values import Outcome, Verdict

BY = "automatic"
Key = int | None
Target = tuple[str, str, Key]  # its cause, its scope, and of whom
# What is looked for every few seconds, and what a person cannot end by resetting its switch. A loss
# of the day or week is the same until that is over: it is left alone as long.
LASTING = (TriggerCause.STUCK_ORDERS, TriggerCause.PLATFORM_EXPOSURE)
LEFT_ALONE_FOR = timedelta(hours=1)


class Found(NamedTuple):
    """A trigger, and the id of what it is for: an account, a person or an instrument; None of the
    platform."""

    trigger: Trigger
    key: Key


def found_in(judged: Iterable[Judged]) -> list[Found]:
    """What the refusals of these decisions trip: of their own accounts and people. A black swan
    that somebody meets is no reason to stop an instrument for everybody: that is measured apart.
    """
    return [
        found
        for item in judged
        if item.answer.outcome is Outcome.DENIED
        for found in _of(
            item, item.answer.verdicts, in_currency(item.question.snapshot.account_currency)
        )
    ]


def found_again(signal_ids: Collection[int]) -> list[Found]:
    """What the receipts of these signals trip, for who wrote them may have died before it did. What
    stood then or was tripped since is left out: somebody may have reset it."""
    rows = Decision.objects.filter(signal_id__any_of=set(signal_ids), outcome=Outcome.DENIED)
    found = [
        (row.created_at, each)
        for row in rows.select_related("account").order_by("id")
        for each in _of(row, verdicts_of(row), in_currency(row.account.currency))
    ]
    if not found:
        return []
    since = min(written_at for written_at, _ in found)
    known = Q(tripped_at__gte=since) | Q(reset_at=None) | Q(reset_at__gte=since)
    tripped = _targets(KillSwitch.objects.filter(known))
    return [each for _, each in found if _target_of(each) not in tripped]


def _of(asked: Judged | Decision, verdicts: Sequence[Verdict], sayings: Sayings) -> list[Found]:
    keys: dict[TriggerScope, Key] = {
        TriggerScope.ACCOUNT: asked.account_id,
        TriggerScope.USER: asked.user_id,
    }
    tripped = triggers_of(verdicts, sayings)
    return [Found(each, keys[each.scope]) for each in tripped if each.scope in keys]


@db.transaction
def trip_found(
    found: Collection[Found],
    *,
    clock: str | None,
    at: datetime,
    now: datetime,
    since: datetime | None = None,
) -> list[KillSwitch]:
    """Trip what does not stand yet; the new switches. `at` is of the clock of that venue, or the
    wall's as `now` is. `since`: when, by the wall, the facts began to be read: what a person has
    reset after that was reset with a look at them. A loss of the day or week that was reset by hand
    trips again after LEFT_ALONE_FOR, and so does what is LASTING.
    """
    counts = _still_counts(found, clock, at, now, since or now)
    if not _fresh(found, counts):  # asked at every close: without the lock of submissions
        return []
    transaction_lock(LOCK)
    fresh = _fresh(found, counts)
    made = KillSwitch.objects.bulk_create(_switch(each, clock, at, now) for each in fresh)
    named = KillSwitch.objects.filter(pk__in=[switch.pk for switch in made])
    switches = list(named.select_related("account").order_by("pk"))
    tell("kill_switch.tripped", switches, now)
    return switches


@db.transaction
def clear_calm(instrument_ids: Iterable[int], at: datetime, now: datetime) -> int:
    """Reset the black swans of these instruments that have stood for long enough; their number."""
    over = calming(at).filter(instrument_id__in=list(instrument_ids))
    if not over.exists():
        return 0
    transaction_lock(LOCK)
    ended = list(over.order_by("pk"))
    for switch in ended:
        close(switch, by=BY, reason="Its volatility is no longer that of a black swan.", now=now)
    tell("kill_switch.reset", ended, now)
    return len(ended)


def calming(at: datetime) -> QuerySet[KillSwitch]:
    """Black swans that end as soon as their instrument is calm."""
    return KillSwitch.objects.filter(
        reset_at=None,
        source=KillSwitch.Source.AUTOMATIC,
        cause=TriggerCause.BLACK_SWAN,
        market_time__lte=at - CALM_AFTER,
    )


def _fresh(found: Collection[Found], counts: Q) -> list[Found]:
    """One of each cause and target, in an order that does not depend on who found it."""
    wanted = {_target_of(each): each for each in found}
    if not wanted:
        return []
    of_causes = KillSwitch.objects.filter(counts, cause__in={cause for cause, _, _ in wanted})
    missing = wanted.keys() - _targets(of_causes)
    return [wanted[key] for key in sorted(missing, key=lambda item: (*item[:2], item[2] or 0))]


def _target_of(found: Found) -> Target:
    return found.trigger.cause.value, found.trigger.scope.value, found.key


def _targets(switches: QuerySet[KillSwitch]) -> set[Target]:
    columns = [f"{name}_id" for name in TARGETS]
    return {
        (cause, scope, next((key for key in keys if key is not None), None))
        for cause, scope, *keys in switches.values_list("cause", "scope", *columns)
    }


def _still_counts(
    found: Collection[Found], clock: str | None, at: datetime, now: datetime, since: datetime
) -> Q:
    """What stands; what a person has let go since the facts were read; and, for LEFT_ALONE_FOR,
    what a person has let go of what no reset ends: the lasting, and losses of the same period."""
    unending = Q(cause__in=LASTING)
    for cause, clears in {(each.trigger.cause, each.trigger.clears) for each in found}:
        first = began(clears, at)
        if first is not None:
            unending |= Q(cause=cause.value, clock=clock, market_time__gte=first)
    by_hand = ~Q(reset_by__in=(EXPIRY, BY))
    let_go = Q(reset_at__gte=since) | unending & Q(reset_at__gt=now - LEFT_ALONE_FOR)
    return Q(reset_at=None) | by_hand & let_go


def _switch(found: Found, clock: str | None, at: datetime, now: datetime) -> KillSwitch:
    trigger, key = found
    target = {} if key is None else {f"{trigger.scope.value}_id": key}
    return KillSwitch(
        scope=trigger.scope.value,
        **target,
        state=trigger.state.value,
        reason=trigger.reason[:LONGEST_REASON],
        source=KillSwitch.Source.AUTOMATIC,
        cause=trigger.cause.value,
        tripped_by=BY,
        clock_id=clock,
        market_time=None if clock is None else at,
        tripped_at=now,
        expires_at=ends(trigger.clears, at),
    )
