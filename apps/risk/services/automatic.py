"""Switches that trip by themselves, and clear by the rule of their cause."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from apps.common import db
from apps.common.locks import transaction_lock
from apps.risk.models import TARGETS, KillSwitch
from apps.risk.services.deciding import Judged
from apps.risk.services.switches import LOCK, close, tell
from trading.gates.triggers import (
    CALM_AFTER,
    Trigger,
    TriggerCause,
    TriggerScope,
    began,
    ends,
    triggers_of,
)
from trading.gates.values import Outcome

BY = "automatic"
Key = int | None
# What is looked for every few seconds, and what a person cannot end by resetting its switch.
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
    found = []
    for item in judged:
        if item.answer.outcome is not Outcome.DENIED:
            continue
        keys: dict[TriggerScope, Key] = {
            TriggerScope.ACCOUNT: item.account_id,
            TriggerScope.USER: item.user_id,
        }
        tripped = triggers_of(item.answer.verdicts)
        found += [Found(each, keys[each.scope]) for each in tripped if each.scope in keys]
    return found


@db.transaction
def trip_found(
    found: Collection[Found], *, clock: str | None, at: datetime, now: datetime
) -> list[KillSwitch]:
    """Trip what does not stand yet; the new switches. `at` is of the clock of that venue, or the
    wall's as `now` is. What was reset by hand trips again with the next day or week only, if it was
    tripped for the loss of one (its gate goes on refusing until then), and what is LASTING after
    LEFT_ALONE_FOR.
    """
    if not _fresh(found, clock, at, now):  # asked at every close: without the lock of submissions
        return []
    transaction_lock(LOCK)
    fresh = _fresh(found, clock, at, now)
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


def _fresh(found: Collection[Found], clock: str | None, at: datetime, now: datetime) -> list[Found]:
    """One of each cause and target, in an order that does not depend on who found it."""
    wanted = {
        (each.trigger.cause.value, each.trigger.scope.value, each.key): each for each in found
    }
    if not wanted:
        return []
    of_causes = KillSwitch.objects.filter(
        _still_counts(found, clock, at, now), cause__in={cause for cause, _, _ in wanted}
    )
    columns = [f"{name}_id" for name in TARGETS]
    there = {
        (cause, scope, next((key for key in keys if key is not None), None))
        for cause, scope, *keys in of_causes.values_list("cause", "scope", *columns)
    }
    missing = wanted.keys() - there
    return [wanted[key] for key in sorted(missing, key=lambda item: (*item[:2], item[2] or 0))]


def _still_counts(found: Collection[Found], clock: str | None, at: datetime, now: datetime) -> Q:
    """What stands; what was tripped in the period of its loss, whoever has reset it since; and what
    is lasting and a person has just let go."""
    counts = Q(reset_at=None) | Q(cause__in=LASTING, reset_at__gt=now - LEFT_ALONE_FOR)
    for cause, clears in {(each.trigger.cause, each.trigger.clears) for each in found}:
        since = began(clears, at)
        if since is not None:
            counts |= Q(cause=cause.value, clock=clock, market_time__gte=since)
    return counts


def _switch(found: Found, clock: str | None, at: datetime, now: datetime) -> KillSwitch:
    trigger, key = found
    target = {} if key is None else {f"{trigger.scope.value}_id": key}
    return KillSwitch(
        scope=trigger.scope.value,
        **target,
        state=trigger.state.value,
        reason=trigger.reason[:200],
        source=KillSwitch.Source.AUTOMATIC,
        cause=trigger.cause.value,
        tripped_by=BY,
        clock_id=clock,
        market_time=None if clock is None else at,
        tripped_at=now,
        expires_at=ends(trigger.clears, at),
    )
