"""What keeps a position from running away: the whole table."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from trading.orders import OPEN, Leg, OrderStatus
from trading.protected import Beside, Flaw, Protection, ProtectionState, protection_of

HELD = Decimal(10)
STANDING = {
    OrderStatus.SUBMITTED, OrderStatus.ACCEPTED, OrderStatus.TRIGGERED,
    OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_REPLACE,
}  # fmt: skip
S = ProtectionState


def _order(
    leg: Leg = Leg.STOP, left: str = "10", status: str = "accepted", side: str = "sell"
) -> Beside:
    return Beside(leg.value, side, status, Decimal(left))


def _held_by_us(left: str) -> Beside:
    return Beside(Leg.STOP.value, "sell", "pending", Decimal(left), is_held_by_us=True)


def _of(*orders: Beside, asks: bool | None = True, **known: bool) -> Protection:
    return protection_of(HELD, orders, asks_for_stop=asks, **known)


@pytest.mark.parametrize(
    ("stop", "leaving", "is_dust", "is_watched"),
    list(product(("0", "9.9", "10", "11"), ("0", "9.9", "10", "11"), (False, True), (False, True))),
)
def test_the_order_of_the_states(stop: str, leaving: str, is_dust: bool, is_watched: bool) -> None:
    found = _of(
        _order(left=stop), _order(Leg.EXIT, leaving), is_dust=is_dust, is_watched=is_watched
    )

    if Decimal(leaving) >= HELD:
        assert found.state is S.EXITING
    elif Decimal(stop) >= HELD:
        assert found.state is S.VENUE_STOP
    elif is_dust:
        assert found.state is S.DUST
    else:
        assert found.state is S.NAKED  # to watch is nothing without a stop of ours
    assert found.is_alarming is (found.state is S.NAKED)


@pytest.mark.parametrize(
    ("at_venue", "ours", "is_watched"),
    list(product(("0", "4", "10"), ("0", "5.9", "6", "10"), (False, True))),
)
def test_stops_of_ours_count_while_somebody_watches(
    at_venue: str, ours: str, is_watched: bool
) -> None:
    found = _of(_order(left=at_venue), _held_by_us(ours), is_watched=is_watched)

    if at_venue == "10":
        assert found.state is S.VENUE_STOP
    elif is_watched and Decimal(at_venue) + Decimal(ours) >= HELD:
        assert found.state is S.SOFTWARE_WATCH
    else:
        assert found.state is S.NAKED
    assert found.covered == Decimal(at_venue)
    assert found.stopped == Decimal(at_venue) + Decimal(ours)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_a_stop_covers_while_it_stands_at_the_venue(status: OrderStatus) -> None:
    found = _of(_order(status=status))

    assert found.state is (S.VENUE_STOP if status in STANDING else S.NAKED)
    assert found.stopped == (HELD if status in OPEN else 0)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_exit_counts_until_it_has_ended(status: OrderStatus) -> None:
    found = _of(_order(Leg.EXIT, status=status))

    assert found.state is (S.EXITING if status in OPEN else S.NAKED)


@pytest.mark.parametrize("leg", [Leg.TARGET, Leg.LIQUIDATION, Leg.ENTRY])
def test_what_is_neither_stop_nor_exit_protects_nothing(leg: Leg) -> None:
    assert _of(_order(leg)).state is S.NAKED


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_only_what_closes_the_position_protects_it(sign: int, side: str) -> None:
    found = protection_of(sign * HELD, [_order(side=side)], asks_for_stop=True)

    closes = (side == "sell") == (sign > 0)
    assert found.state is (S.VENUE_STOP if closes else S.NAKED)
    assert found.flaws == (() if closes else (Flaw.WRONG_SIDE, Flaw.NAKED))


def test_several_stops_are_summed() -> None:
    assert _of(_order(left="4"), _order(left="6")).state is S.VENUE_STOP


@pytest.mark.parametrize(
    ("stop", "flaws"),
    [
        ("0", (Flaw.NAKED,)),
        ("9.9999", (Flaw.TOO_LITTLE,)),
        ("10", ()),
        ("10.0001", (Flaw.TOO_MUCH,)),
    ],
)
def test_a_stop_is_of_as_much_as_is_held(stop: str, flaws: tuple[Flaw, ...]) -> None:
    assert _of(_order(left=stop)).flaws == flaws


def test_who_asked_for_no_stop_is_naked_by_choice_and_alarms_nobody() -> None:
    found = _of(_order(Leg.TARGET), asks=False)

    assert (found.state, found.is_by_choice, found.is_alarming) == (S.NAKED, True, False)
    assert found.flaws == ()


def test_a_stop_that_stands_where_none_was_asked_for_is_held_to_its_quantity() -> None:
    found = _of(_order(left="3"), asks=False)

    assert (found.is_by_choice, found.flaws) == (False, (Flaw.TOO_LITTLE,))


def test_an_unknown_plan_is_taken_to_ask_for_a_stop() -> None:
    assert _of(asks=None).is_alarming


def test_dust_and_what_is_leaving_are_no_flaw() -> None:
    assert _of(is_dust=True).flaws == ()
    assert _of(_order(Leg.EXIT)).flaws == ()
