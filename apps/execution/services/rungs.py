"""What is tried for a position that stays naked: one rung of trading/rungs.py at a time, each once
in a round trip, with its order, and kept in the spell."""

from django.db.models import QuerySet

from apps.common import bulk, db
from apps.execution.models import Exit, NakedSpell, Order, Position
from apps.execution.protected import Examined, examined, rules_of
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services.accounts import lock_free
from apps.execution.services.clocks import by_instrument
from apps.execution.services.flattening import flatten
from apps.execution.services.orders import write_orders
from apps.market.declared import without_stops
from trading.exits import ExitReason
from trading.money import ZERO
from trading.orders import ENDED, Leg, OrderStatus, OrderType, client_order_id
from trading.rungs import Rung, next_rung, wider
from trading.signals import Direction

# The level of a rung's Exit. 0 is left to the exits at market of stops that were reached.
LEVELS = {Rung.VENUE_STOP: 1, Rung.WIDER_STOP_LIMIT: 2, Rung.SOFTWARE_STOP: 3}


@db.transaction
def climb(found: Examined) -> int:
    """The next rung of this position, if it is still naked and nothing is on its way; how many
    orders were written."""
    if not lock_free([found.held.account_id]):  # somebody is at it: the next look is soon
        return 0
    position = Position.objects.filter(pk=found.held.id)
    (now_found,) = examined(position) or (None,)
    if now_found is None or not now_found.protection.is_alarming or _is_under_way(now_found):
        return 0
    held, lost = now_found.held, _lost_stop(now_found)
    climbed = _climbed(now_found)
    rung = next_rung(
        climbed,
        # What stands already in part, or is held by us and nobody watches, is not written again.
        knows_stop=lost is not None and not now_found.protection.stopped,
        venue_holds_stops=not without_stops([held.instrument_id]),
    )
    if rung is Rung.MARKET or lost is None:
        written = flatten(position, ExitReason.UNPROTECTED).exits
    else:
        written = _write_stop(now_found, rung, lost)
    if written:
        _record(now_found, rung)
    return written


def _write_stop(found: Examined, rung: Rung, lost: OrderRow) -> int:
    """Of what is held now."""
    held = found.held
    (pk,) = bulk.take_ids(Exit, 1)
    now = by_instrument([held.instrument_id])[held.instrument_id]
    Exit.objects.create(
        pk=pk, user_id=held.user_id, position_id=held.id, cause=ExitReason.STOP.value,
        level=LEVELS[rung], sequence=held.trade_sequence, decided_at=now,
    )  # fmt: skip
    again = lost._replace(
        id=0, decision_id=None, exit_id=pk, status=OrderStatus.PENDING.value,
        client_order_id=client_order_id(f"exit:{pk}", Leg.STOP),
        quantity=abs(held.quantity), filled_quantity=ZERO, active_from=now,
        held_by_us=rung is Rung.SOFTWARE_STOP,
    )  # fmt: skip
    write_orders([_wider(found, again) if rung is Rung.WIDER_STOP_LIMIT else again])
    return 1


def _wider(found: Examined, stop: OrderRow) -> OrderRow:
    held = found.held
    rules = rules_of({held.instrument_id})[held.instrument_id]
    trigger, limit = wider(stop.trigger_price or ZERO, held.direction, rules)
    return stop._replace(
        order_type=OrderType.STOP_LIMIT.value, trigger_price=trigger, limit_price=limit,
        trailing_offset=None, trailing_offset_type="",
    )  # fmt: skip


def _record(found: Examined, rung: Rung) -> None:
    spell = NakedSpell.objects.select_for_update().filter(position=found.held.id, ended_at=None)
    for each in spell:
        if rung.value not in each.rungs:
            each.rungs = [*each.rungs, rung.value]
            each.save(update_fields=["rungs"])


def _stops_written(found: Examined) -> QuerySet[Exit]:
    """Those of the rungs climbed in this round trip."""
    return Exit.objects.filter(
        position_id=found.held.id,
        sequence=found.held.trade_sequence,
        cause=ExitReason.STOP,
        level__gt=0,
    )


def _climbed(found: Examined) -> set[Rung]:
    levels = set(_stops_written(found).values_list("level", flat=True))
    return {rung for rung, level in LEVELS.items() if level in levels}


def _is_under_way(found: Examined) -> bool:
    """Whether the stop of a rung has not been answered yet."""
    orders = Order.objects.filter(exit__in=_stops_written(found), leg=Leg.STOP, held_by_us=False)
    return orders.exclude(status__in=sorted(ENDED)).exists()


def _lost_stop(found: Examined) -> OrderRow | None:
    """The stop that stood with the entry, with the trigger to which it had moved by then, or those
    that were written after it: the nearest."""
    if found.entry is None:
        return None
    names = Order.objects.filter(pk=found.entry).values_list("client_order_id", flat=True)
    held = found.held
    stops = read_orders(
        user_id=held.user_id, pk__gt=found.entry, oco_group__in=list(names), leg=Leg.STOP
    )
    triggers = [stop.trigger_price for stop in stops if stop.trigger_price is not None]
    if not triggers:
        return None
    nearest = max(triggers) if held.direction is Direction.LONG else min(triggers)
    return stops[0]._replace(trigger_price=nearest)
