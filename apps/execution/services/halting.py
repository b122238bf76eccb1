"""Tripping a switch, and what it does to orders that are on their way: measured, not assumed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, Unpack

from django.utils import timezone

from apps.common import db
from apps.execution.services import cancelling, drains, exits
from apps.execution.services.drains import Progress
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from apps.risk.scopes import Target
from apps.risk.services.switches import tripped_for
from trading.gates.values import TradingState


@db.durable
def trip(
    *,
    by: str,
    reason: str,
    now: datetime,
    state: TradingState,
    source: KillSwitch.Source = KillSwitch.Source.MANUAL,
    expires_at: datetime | None = None,
    **target: Unpack[Target],
) -> KillSwitch:
    """Trip the switch, then cancel the entries that were already at the venue and write the exits
    of what is to be closed. Raises Refused.
    """
    switch = _trip(by, reason, now, state, source, expires_at, target)
    drain(switch, now)
    return switch


@db.durable
def trip_or_find(
    *,
    by: str,
    reason: str,
    now: datetime,
    state: TradingState,
    source: KillSwitch.Source,
    expires_at: datetime | None = None,
    **target: Unpack[Target],
) -> KillSwitch:
    """The same, of whom never hears of an answer and asks again: the switch that they have tripped
    by these very words, drained once more. Raises Refused."""
    same = tripped_for(target).filter(
        tripped_by=by, reason=reason, state=state, expires_at=expires_at, source=source
    )
    switch = same.first()
    if switch is None:
        return trip(
            by=by, reason=reason, now=now, state=state, source=source, expires_at=expires_at,
            **target,
        )  # fmt: skip
    drain(switch, now)
    return switch


class Reset(NamedTuple):
    """`withdrawn`: exits that only these switches asked for and that had not been filled."""

    switches: list[KillSwitch]
    withdrawn: int


@db.durable
def reset(*, by: str, reason: str, now: datetime, **target: Unpack[Target]) -> Reset:
    """Reset what is tripped for the target, and take back what it was closing. Raises Refused."""
    switches = risk.reset(by=by, reason=reason, now=now, **target)
    return Reset(switches, exits.withdraw())


@db.durable
def reset_one(switch: KillSwitch, *, by: str, reason: str, now: datetime) -> int:
    """The same for this row alone; how many exits were withdrawn. Raises Refused."""
    risk.reset_one(switch, by=by, reason=reason, now=now)
    return exits.withdraw()


@db.durable
def trip_found(
    found: Collection[risk.Found],
    *,
    clock: str | None,
    at: datetime,
    since: datetime | None = None,
) -> int:
    """Trip what was found, by its own rule, and cancel what was entering; how many switches are
    new. `at` is of the clock of that venue, or the wall's; `since` is of the wall's, before the
    facts were read (None = just now)."""
    now = timezone.now()  # by which people read when something was stopped
    switches = _trip_found(found, clock, at, now, since)
    if switches:
        cancelling.cancel_halted_entries()
        drains.mark_quiet(switches, now)  # the others are drained by the sweep
    return len(switches)


@db.durable
def trip_again(signal_ids: Collection[int], *, clock: str, at: datetime) -> int:
    """`trip_found` by the receipts that these signals have: for who finds decisions already made,
    since who made them may have died before it tripped."""
    since = timezone.now()
    found = risk.found_again(signal_ids)
    return trip_found(found, clock=clock, at=at, since=since) if found else 0


@db.durable
def drain(switch: KillSwitch, now: datetime) -> Progress:
    """Do what can be done at once to end what the switch forbids, and measure what is left.
    Whoever comes may do it again: the command, the sweep, a page.
    """
    _end_what_is_forbidden()
    return _measured(switch, now)


@db.durable
def drain_all(now: datetime) -> int:
    """Every switch that is tripped and was not yet seen to be done; the number that is not."""
    waiting = list(KillSwitch.objects.filter(reset_at=None, drained_at=None).order_by("id"))
    if waiting:
        _end_what_is_forbidden()  # by all of them, once
    return sum(not _measured(switch, now).is_done for switch in waiting)


def _end_what_is_forbidden() -> None:
    cancelling.cancel_halted_entries()
    exits.leave()


def _measured(switch: KillSwitch, now: datetime) -> Progress:
    drains.note(switch)
    found = drains.progress(switch)
    if found.is_done:
        drains.mark_done(switch, now)
    return found


@db.transaction
def _trip(
    by: str,
    reason: str,
    now: datetime,
    state: TradingState,
    source: KillSwitch.Source,
    expires_at: datetime | None,
    target: Target,
) -> KillSwitch:
    """With what it has to wait for, as the trip found it: both or neither."""
    switch = risk.trip(
        by=by, reason=reason, now=now, state=state, source=source, expires_at=expires_at, **target
    )
    drains.note(switch)
    return switch


@db.transaction
def _trip_found(
    found: Collection[risk.Found],
    clock: str | None,
    at: datetime,
    now: datetime,
    since: datetime | None,
) -> list[KillSwitch]:
    switches = risk.trip_found(found, clock=clock, at=at, now=now, since=since)
    drains.note_many(switches)
    return switches
