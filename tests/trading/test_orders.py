import re
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.orders import (
    ENDED,
    OPEN,
    TRANSITIONS,
    WORKING,
    Leg,
    OrderStatus,
    TransitionNotAllowed,
    advance,
    client_order_id,
    sources_of,
    status_after_fill,
)

S = OrderStatus
FILLS = {S.PARTIALLY_FILLED, S.FILLED}
STATUSES = sorted(OrderStatus)
STATUS = st.sampled_from(STATUSES)
ORIGIN = st.builds("{}:{}".format, st.sampled_from(["decision", "exit"]), st.integers(1, 10**12))
LEG = st.sampled_from(list(Leg))


def reachable(start: OrderStatus, through: Iterable[OrderStatus] = STATUSES) -> set[OrderStatus]:
    """Every status that can follow `start`, passing only `through` these."""
    passing = set(through)
    found: set[OrderStatus] = set()
    ahead = [start]
    while ahead:
        for status in TRANSITIONS[ahead.pop()] - found:
            found.add(status)
            if status in passing:
                ahead.append(status)
    return found


def test_the_table_speaks_of_every_status() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)


def test_every_status_is_either_open_or_ended() -> None:
    assert set(OrderStatus) == OPEN | ENDED
    assert not OPEN & ENDED
    assert {S.PENDING} == OPEN - WORKING


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_open_order_can_end_filled_or_unfilled(status: OrderStatus) -> None:
    assert reachable(status, through=OPEN) >= {S.FILLED, S.CANCELED, S.EXPIRED}


@pytest.mark.parametrize("status", sorted(WORKING))
def test_an_order_that_a_venue_has_can_end_in_one_step(status: OrderStatus) -> None:
    assert {S.FILLED, S.CANCELED, S.EXPIRED, S.LOST} <= TRANSITIONS[status]


@pytest.mark.parametrize("status", sorted(OrderStatus))
def test_every_status_but_the_first_can_be_reached(status: OrderStatus) -> None:
    assert (status in reachable(S.PENDING)) is (status is not S.PENDING)


@pytest.mark.parametrize("status", [S.FILLED, S.REJECTED, S.REPLACED])
def test_what_is_settled_stays_settled(status: OrderStatus) -> None:
    assert TRANSITIONS[status] == set()


@pytest.mark.parametrize("status", [S.CANCELED, S.EXPIRED])
def test_a_late_fill_is_all_that_leaves_a_canceled_or_expired_order(status: OrderStatus) -> None:
    assert TRANSITIONS[status] == FILLS


def test_a_lost_order_may_be_found_again_in_any_state_but_unsent() -> None:
    assert TRANSITIONS[S.LOST] == FILLS | {S.ACCEPTED, S.CANCELED, S.EXPIRED, S.REJECTED}


def test_a_pending_order_is_marked_submitted_before_a_venue_can_say_anything_of_it() -> None:
    assert TRANSITIONS[S.PENDING] == {S.SUBMITTED, S.CANCELED, S.EXPIRED}


def test_nothing_becomes_pending_again() -> None:
    assert sources_of(S.PENDING) == set()


def test_nothing_is_submitted_twice() -> None:
    assert sources_of(S.SUBMITTED) == {S.PENDING}


def test_a_fill_is_taken_in_every_status_in_which_one_can_arrive() -> None:
    cannot = {S.PENDING, S.FILLED, S.REPLACED, S.REJECTED}

    assert sources_of(S.FILLED) == set(OrderStatus) - cannot
    assert sources_of(S.PARTIALLY_FILLED) == set(OrderStatus) - cannot


@given(old=STATUS, new=STATUS)
def test_advance_obeys_the_table(old: OrderStatus, new: OrderStatus) -> None:
    if new in TRANSITIONS[old]:
        assert advance(old, new) is new
        return
    with pytest.raises(TransitionNotAllowed, match=f"is {old} cannot become {new}") as refused:
        advance(old, new)
    assert (refused.value.old, refused.value.new) == (old, new)


@given(old=STATUS, new=STATUS)
def test_the_sources_are_the_table_read_backwards(old: OrderStatus, new: OrderStatus) -> None:
    assert (old in sources_of(new)) is (new in TRANSITIONS[old])


@pytest.mark.parametrize(
    ("filled", "status"),
    [
        ("0.5", S.PARTIALLY_FILLED),
        ("0.999", S.PARTIALLY_FILLED),
        ("1", S.FILLED),
        ("1.1", S.FILLED),
    ],
)
def test_an_order_is_filled_once_nothing_is_left(filled: str, status: OrderStatus) -> None:
    assert status_after_fill(Decimal(1), Decimal(filled)) is status


@given(origin=ORIGIN, leg=LEG)
def test_an_order_id_is_32_lower_case_hex_digits_and_always_the_same(origin: str, leg: Leg) -> None:
    name = client_order_id(origin, leg)

    assert re.fullmatch(r"[0-9a-f]{32}", name)
    assert client_order_id(origin, leg) == name


def test_the_order_ids_of_one_decision_never_change() -> None:
    assert client_order_id("decision:7", Leg.ENTRY) == "26d70bf25814532a9b440eeb7b1884be"


@given(one=st.tuples(ORIGIN, LEG), other=st.tuples(ORIGIN, LEG))
def test_different_origins_or_legs_have_different_order_ids(
    one: tuple[str, Leg], other: tuple[str, Leg]
) -> None:
    assert (client_order_id(*one) == client_order_id(*other)) is (one == other)
