"""How many positions a plan and a person allow holds for all accounts of the person and mode; what
a capital tier allows, for each account."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.common.models import Mode
from apps.execution.models import Position
from apps.execution.services import by_hand
from apps.execution.services.tickets import Ticket
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.risk.services.limits import set_limits
from tests.fakes import (
    JUMP,
    MONDAY,
    QUIET,
    World,
    account,
    instrument,
    subscribe,
    user,
    world,
    write,
)
from trading.signals import Side
from trading.tiers import TIER_LIMITS, CapitalTier

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def told(decision: Decision) -> tuple[str, str]:
    return decision.outcome, decision.code


def test_the_last_position_of_a_person_is_opened_in_one_of_two_accounts_that_ask_at_once(
    lab: World,
) -> None:
    subscribe(lab.alice, lab.version, account(lab.alice, lab.venue, name="Second"))
    set_limits(lab.alice, Mode.PAPER, {"positions": 1}, now=MONDAY)

    lab.play(*QUIET, JUMP, first=MONDAY)

    decided = list(Decision.objects.order_by("id"))
    assert [told(each) for each in decided] == [("ordered", ""), ("denied", "USER_MAX_POSITIONS")]
    assert refused(decided[1]) == [["USER_MAX_POSITIONS", "1", "1", "user"]]


def refused(decision: Decision) -> list[list[object]]:
    return [verdict[2:] for verdict in decision.verdicts if verdict[1] == 0]


def test_what_is_held_or_on_its_way_in_one_account_counts_in_the_other(lab: World) -> None:
    """A position, and a ticket that waits for the next candle."""
    second = account(lab.alice, lab.venue, name="Second")
    after = lab.play(*QUIET, JUMP, "102", first=MONDAY)
    others = [another(lab, name) for name in ("ETH-USD", "SOL-USD")]
    set_limits(lab.alice, Mode.PAPER, {"positions": 2}, now=after)
    assert Position.objects.exclude(quantity=0).count() == 1

    first, last = (
        by_hand.place(Ticket(second, each, Side.BUY, Decimal(20)), key=each.symbol)
        for each in others
    )

    assert (told(first.decision), told(last.decision)) == (
        ("ordered", ""),
        ("denied", "USER_MAX_POSITIONS"),
    )


def test_the_plan_counts_over_all_accounts_as_well(lab: World) -> None:
    """Of the three that Free allows."""
    accounts = [lab.account, account(lab.alice, lab.venue, name="Second")]
    lab.play(*QUIET, first=MONDAY)
    names = ["ETH-USD", "SOL-USD", "ADA-USD", "DOT-USD"]

    placed = [
        by_hand.place(
            Ticket(accounts[place % 2], another(lab, name), Side.BUY, Decimal(20)), key=name
        )
        for place, name in enumerate(names)
    ]

    assert TIER_LIMITS[CapitalTier.BALLER].positions > 3
    assert [told(each.decision) for each in placed] == [
        *[("ordered", "")] * 3, ("denied", "USER_MAX_POSITIONS"),
    ]  # fmt: skip
    assert refused(placed[-1].decision) == [["USER_MAX_POSITIONS", "3", "3", "plan"]]


def test_another_person_has_positions_of_their_own(lab: World) -> None:
    bob = user("bob")
    second = account(bob, lab.venue, name="Of Bob")
    lab.play(*QUIET, JUMP, "102", first=MONDAY)
    for person in (lab.alice, bob):
        set_limits(person, Mode.PAPER, {"positions": 1}, now=MONDAY)

    placed = by_hand.place(
        Ticket(second, another(lab, "ETH-USD"), Side.BUY, Decimal(20)), key="bob"
    )

    assert told(placed.decision) == ("ordered", "")


def another(lab: World, symbol: str) -> Instrument:
    made = instrument(lab.venue, symbol)
    write(made, QUIET, MONDAY)
    return made
