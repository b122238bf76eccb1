"""No position stays without the stop that its plan asked for. Quantities are corrected at once. One
that stays naked for longer than settings.NAKED_AFTER_SECONDS has its owner told, once, and climbs
the rungs of trading/rungs.py, one with each look, until something holds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from apps.common import db, metrics
from apps.common.apart import each_apart
from apps.events import services as events
from apps.execution.models import NakedSpell, Position
from apps.execution.protected import Examined, examined
from apps.execution.services.accounts import lock_free
from apps.execution.services.amendments import fit_protection
from apps.execution.services.clocks import by_instrument
from apps.execution.services.positions import read_positions
from apps.execution.services.rungs import climb
from trading.gates.values import text
from trading.protected import Flaw

UNFIT = frozenset({Flaw.TOO_LITTLE, Flaw.TOO_MUCH})


@db.durable
def keep_protected(now: datetime) -> int:
    """Look at every open position and repair what is wrong; the number of repairs. `now` is the
    wall clock: it is we who are late, whatever time it is at the venue."""
    found = examined(Position.objects.all())
    unfit = [each for each in found if UNFIT & {*each.protection.flaws}]
    naked = {each.held.id: each for each in found if Flaw.NAKED in each.protection.flaws}
    # Of what is covered in part the stop is of the right size before it is climbed for.
    return sum(each_apart((partial(_fit, unfit), partial(_climb_late, naked, now))))


def _climb_late(naked: Mapping[int, Examined], now: datetime) -> int:
    """A position whose rung fails keeps no other from climbing."""
    return sum(each_apart(partial(climb, each) for each in _keep_spells(naked, now)))


@db.transaction
def _fit(unfit: Sequence[Examined]) -> int:
    if not unfit:
        return 0
    free = lock_free(each.held.account_id for each in unfit)  # the others with the next look
    keys = {each.held.key for each in unfit if each.held.account_id in free}
    positions = read_positions({subscription for subscription, _ in keys})
    held = {key for key in keys if positions[key].state.quantity}
    clocks = by_instrument(each.held.instrument_id for each in unfit)
    return sum(
        fit_protection(positions, {key for key in held if clocks[key[1]] == now}, now)
        for now in set(clocks.values())
    )


@db.transaction
def _keep_spells(naked: Mapping[int, Examined], now: datetime) -> list[Examined]:
    """Begin and end the spells, tell of those that have lasted too long; all of these."""
    open_spells = {spell.position_id: spell for spell in NakedSpell.objects.filter(ended_at=None)}
    over = [
        spell.pk
        for pk, spell in open_spells.items()
        if pk not in naked or naked[pk].held.trade_sequence != spell.sequence
    ]
    NakedSpell.objects.filter(pk__any_of=over, ended_at=None).update(ended_at=now)
    NakedSpell.objects.bulk_create(
        (
            NakedSpell(
                user_id=each.held.user_id, position_id=pk, sequence=each.held.trade_sequence,
                began_at=now,
            )
            for pk, each in naked.items()
            if pk not in open_spells or open_spells[pk].pk in over
        ),
        ignore_conflicts=True,  # another sweep was a moment ahead
    )  # fmt: skip
    lasting = [spell for pk, spell in open_spells.items() if spell.pk not in over]
    longest = max((now - spell.began_at for spell in lasting), default=timedelta())
    metrics.NAKED_SECONDS.set(longest.total_seconds())
    grace = timedelta(seconds=settings.NAKED_AFTER_SECONDS)
    late = [spell for spell in lasting if now - spell.began_at >= grace]
    _tell(late, naked, now)
    return [naked[spell.position_id] for spell in late]


@db.transaction_required
def _tell(late: Sequence[NakedSpell], naked: Mapping[int, Examined], now: datetime) -> None:
    untold = {spell.pk: spell for spell in late if spell.told_at is None}
    locked = NakedSpell.objects.filter(pk__any_of=list(untold), told_at=None).select_for_update()
    ids = list(locked.order_by("pk").values_list("pk", flat=True))
    NakedSpell.objects.filter(pk__any_of=ids).update(told_at=now)
    clocks = by_instrument(naked[untold[pk].position_id].held.instrument_id for pk in ids)
    events.record_many([_fact(naked[untold[pk].position_id], clocks) for pk in ids])


def _fact(each: Examined, clocks: Mapping[int, datetime]) -> events.Fact:
    held = each.held
    payload: dict[str, object] = {
        "position": held.id,
        "subscription": held.subscription_id,
        "instrument": held.instrument_id,
        "mode": held.mode,
        "quantity": text(held.quantity),
        "covered": text(each.protection.covered),
    }
    return events.Fact("position.naked", held.user_id, clocks[held.instrument_id], payload)
