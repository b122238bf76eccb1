"""No position stays without the stop that its plan asked for. Quantities are corrected at once. One
that stays naked for longer than settings.NAKED_AFTER_SECONDS has its owner told, once, and its stop
written again; where that has not held, or no price for it is known, it is left at market.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from apps.common import bulk, db, metrics
from apps.events import services as events
from apps.execution.models import Exit, NakedSpell, Order, Position
from apps.execution.protected import Examined, examined
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.amendments import fit_protection
from apps.execution.services.flattening import flatten
from apps.execution.services.orders import write_orders
from apps.execution.services.positions import read_positions
from apps.market import selectors as market
from apps.market.models import Instrument
from trading.exits import ExitReason
from trading.gates.values import text
from trading.money import ZERO
from trading.orders import ENDED, Leg, OrderStatus, client_order_id
from trading.protected import Flaw

UNFIT = frozenset({Flaw.TOO_LITTLE, Flaw.TOO_MUCH})


@db.durable
def keep_protected(now: datetime) -> int:
    """Look at every open position and repair what is wrong; the number of repairs. `now` is the
    wall clock: it is we who are late, whatever time it is at the venue."""
    found = examined(Position.objects.all())
    repaired = _fit([each for each in found if UNFIT & {*each.protection.flaws}])
    # Of what is covered in part the stop is of the right size by now.
    naked = {each.held.id: each for each in found if Flaw.NAKED in each.protection.flaws}
    late = _keep_spells(naked, now)
    for each in late:
        repaired += _climb(each)
    return repaired


@db.transaction
def _fit(unfit: Sequence[Examined]) -> int:
    if not unfit:
        return 0
    lock_accounts(each.held.account_id for each in unfit)
    keys = {each.held.key for each in unfit}
    positions = read_positions({subscription for subscription, _ in keys})
    held = {key for key in keys if positions[key].state.quantity}
    clocks = _clocks(each.held.instrument_id for each in unfit)
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
    clocks = _clocks(naked[untold[pk].position_id].held.instrument_id for pk in ids)
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


def _climb(each: Examined) -> int:
    """The next rung: the stop once more, or else the exit at market."""
    if _write_stop(each):
        return 1
    position = Position.objects.filter(pk=each.held.id)
    if _has_stop_under_way(each):
        return 0
    return flatten(position, ExitReason.UNPROTECTED, by="").exits


@db.transaction
def _write_stop(each: Examined) -> bool:
    """Write the stop of the entry again, of what is held now; once in a round trip."""
    lock_accounts([each.held.account_id])
    (again,) = examined(Position.objects.filter(pk=each.held.id)) or (None,)
    lost = None if again is None else _lost_stop(again)
    if again is None or lost is None or not again.protection.is_alarming:
        return False
    held = again.held
    if again.protection.stopped or _stops_written(again).exists():
        return False
    (pk,) = bulk.take_ids(Exit, 1)
    now = _clocks([held.instrument_id])[held.instrument_id]
    Exit.objects.create(
        pk=pk, user_id=held.user_id, position_id=held.id, cause=ExitReason.STOP.value,
        sequence=held.trade_sequence, decided_at=now,
    )  # fmt: skip
    write_orders(
        [
            lost._replace(
                id=0, decision_id=None, exit_id=pk, status=OrderStatus.PENDING.value,
                client_order_id=client_order_id(f"exit:{pk}", Leg.STOP),
                quantity=abs(held.quantity), filled_quantity=ZERO,
                active_from=now,
            )
        ]
    )  # fmt: skip
    return True


def _stops_written(each: Examined) -> QuerySet[Exit]:
    return Exit.objects.filter(
        position_id=each.held.id, sequence=each.held.trade_sequence, cause=ExitReason.STOP
    )


def _has_stop_under_way(each: Examined) -> bool:
    """Whether the stop that was written again has not been answered yet."""
    orders = Order.objects.filter(exit__in=_stops_written(each), leg=Leg.STOP)
    return orders.exclude(status__in=sorted(ENDED)).exists()


def _lost_stop(each: Examined) -> OrderRow | None:
    """The stop that stood with the entry, with the trigger to which it had moved by then."""
    if each.entry is None:
        return None
    decisions = Order.objects.filter(pk=each.entry).values_list("decision_id", flat=True)
    found = read_orders(decision_id__in=list(decisions), leg=Leg.STOP)
    return found[0] if found else None


def _clocks(instrument_ids: Iterable[int]) -> dict[int, datetime]:
    """What time it is at the venue of each instrument."""
    rows = Instrument.objects.filter(pk__any_of=set(instrument_ids))
    venue_of = dict(rows.values_list("pk", "venue_id"))
    now = {venue: market.market_now(venue) for venue in set(venue_of.values())}
    return {pk: now[venue] for pk, venue in venue_of.items()}
