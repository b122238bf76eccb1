"""The receipt of one decision."""

from typing import Any

import pytest
from django.test import Client

from apps.execution.models import Order, OrderEvent
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategySubscription
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import MINUTE, MONDAY, World
from trading.candles import Timeframe
from trading.gates import CATALOGUE, ENTRY_GATES
from trading.gates.values import Status

ANSWERS = {Status.PASSED: "Passed", Status.NOT_APPLICABLE: "Not asked"}


def _read(browser: Client, decision: Decision) -> str:
    answer: Any = browser.get(f"/decisions/{decision.pk}/")
    assert answer.status_code == 200
    return text(answer)


@pytest.fixture
def bought(lab: World) -> Decision:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    return Decision.objects.get(outcome="ordered")


def test_it_says_what_the_strategy_said(bought: Decision, alice: Client) -> None:
    shown = _read(alice, bought)
    assert "SMA crossover 1.0.0" in shown
    assert "Signal Buy BTC-USD (cross)" in shown
    assert "1 Jun 2026, 00:05 UTC, 1m" in shown
    assert "Price then 102.00 USD Stop 99.96 USD Target 106.08 USD" in shown


def test_it_says_how_the_position_is_taken_down(bought: Decision, alice: Client) -> None:
    trail = {"offset": "3", "offset_type": "price", "after": 1, "profit": None}
    ladder = {"rungs": [["4", "0.125"], ["8", "1"]], "break_even_after": 1, "trail": trail}
    Signal.objects.update(ladder=ladder)
    assert (
        "Step by step 12.5 % of what is left at 4.00 USD from the entry; "
        "all of what is left at 8.00 USD from the entry; the stop to the entry after step 1; "
        "the stop 3.00 USD behind the close after step 1"
    ) in _read(alice, bought).replace("\u00a0", " ")

    late = {"offset": "200", "offset_type": "basis_points", "after": None, "profit": "1.5"}
    Signal.objects.update(ladder={**ladder, "trail": late})
    assert "200 basis points behind the close from a profit of 1.50 USD on" in _read(alice, bought)


def test_an_amendment_is_no_step_in_the_life_of_an_order(bought: Decision, alice: Client) -> None:
    stop = Order.objects.get(leg="stop")
    OrderEvent.objects.create(
        order=stop, old_status="accepted", new_status="accepted", reason="STOP_MOVED",
        happened_at=MONDAY,
    )  # fmt: skip
    shown = _read(alice, bought)
    assert "pending → submitted → accepted" in shown
    assert "accepted → accepted" not in shown


def test_it_shows_every_gate_that_was_asked(bought: Decision, alice: Client) -> None:
    shown = _read(alice, bought)
    plain = {gate.number for gate in ENTRY_GATES}
    for gate, (number, status, *_) in zip(CATALOGUE, bought.verdicts, strict=True):
        assert (number, status in ANSWERS) == (gate.number, True)
        assert status == Status.PASSED or number not in plain  # these have all their facts
        assert f"{gate.title} {ANSWERS[status]}" in shown
    unasked = sum(1 for _, status, *_ in bought.verdicts if status == Status.NOT_APPLICABLE)
    asked = f"{len(CATALOGUE) - unasked} asked, 0 refused; {unasked} had nothing to ask about"
    assert asked in shown
    assert "Open positions Passed positions open or on their way: 0 at most 3 at once" in shown


def test_it_shows_the_order_its_life_and_its_fill(bought: Decision, alice: Client) -> None:
    shown = _read(alice, bought)
    assert "pending → submitted → accepted → filled" in shown
    assert "24.5098 at 103.00 fee 2.52 USD, 00:05 UTC" in shown
    assert "Stop PAPER" in shown
    assert "The position is open: 24.5098 BTC-USD held." in shown


def test_it_shows_the_round_trip_once_it_is_over(
    lab: World, bought: Decision, alice: Client
) -> None:
    lab.play(("103", "107", "103", "107"), first=MONDAY + 6 * MINUTE)
    shown = _read(alice, bought)
    # 24.5098 times 3.08, less 2.52 and 2.60 of fees
    assert "LONG 24.5098 BTC-USD, 103.00 → 106.08, +70.37 USD after 5.12 of fees" in shown
    assert "left because: target reached" in shown
    assert "the other of stop and target came first" in shown
    assert "The position is open" not in shown


def test_it_tells_inherited_limits_from_own_ones(lab: World, alice: Client) -> None:
    StrategySubscription.objects.filter(pk=lab.subscription.pk).update(max_positions=2)
    lab.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    shown = _read(alice, Decision.objects.get(action="enter_long"))
    assert "Capital 5,000.00 USD inherited from the strategy version" in shown
    assert "Positions at once at most 2 set on the subscription" in shown


def test_it_keeps_the_limits_of_then(lab: World, bought: Decision, alice: Client) -> None:
    StrategySubscription.objects.filter(pk=lab.subscription.pk).update(max_positions=1)
    assert "Positions at once at most 3 as it was then; changed since" in _read(alice, bought)


def test_a_refusal_says_which_gate_and_that_no_order_was_written(lab: World, alice: Client) -> None:
    StrategySubscription.objects.filter(pk=lab.subscription.pk).update(capital="0.5")
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    denied = Decision.objects.get(outcome="denied")
    shown = _read(alice, denied)
    assert denied.code == "NOTIONAL_BELOW_MINIMUM"
    assert "DENIED · NOTIONAL_BELOW_MINIMUM" in shown
    assert (
        "Denied: order of 0.24 USD, minimum 100.00 USD (set by the capital tier) — "
        "BTC-USD, SMA crossover" in shown
    )
    assert "Minimum size Refused order of 0.24 USD" in shown
    assert "No order was written: the refusal above stopped it." in shown


def test_what_was_cut_down_names_the_cap(lab: World, alice: Client) -> None:
    row = StrategySubscription.objects.filter(pk=lab.subscription.pk)
    row.update(risk_per_trade=1, capital=2500)  # less than the 3 % of the tier
    lab.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    shown = _read(alice, Decision.objects.get(outcome="ordered"))
    assert "cut down by the subscription's capital times its leverage" in shown


def test_the_short_that_was_not_possible_is_noted(
    lab: World, bought: Decision, alice: Client
) -> None:
    lab.play("100", first=MONDAY + 6 * MINUTE)
    left = Decision.objects.get(action="exit_long", outcome="ordered")
    assert "It also said to sell short, which this instrument does not allow." in _read(alice, left)


def test_a_stranger_gets_404_as_for_what_never_was(
    lab: World, bought: Decision, client: Client
) -> None:
    client.force_login(fakes.user("bob"))
    theirs = client.get(f"/decisions/{bought.pk}/")
    nobodys = client.get("/decisions/999999/")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.content == nobodys.content


def test_staff_sees_receipts_in_the_admin_only(
    lab: World, bought: Decision, client: Client
) -> None:
    client.force_login(fakes.user("olga", is_staff=True, is_superuser=True))
    assert client.get(f"/decisions/{bought.pk}/").status_code == 404


def test_it_costs_a_constant_number_of_queries(
    bought: Decision, alice: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        alice.get(f"/decisions/{bought.pk}/")


def test_it_says_how_the_entry_was_to_be_placed(lab: World, alice: Client) -> None:
    strategies.pause(lab.subscription, now=MONDAY)
    patient = strategies.create_version(
        "donchian_breakout", "1.0.0", timeframe=Timeframe.M1, instruments=[lab.instrument],
        parameters={"channel": 3, "exit_channel": 3, "pullback": 0.02}, capital=10_000,
    )  # fmt: skip
    fakes.subscribe(lab.alice, patient, lab.account)
    lab.play(*["100"] * 5, "102", first=MONDAY)

    shown = _read(alice, Decision.objects.get(outcome="ordered"))

    assert "To be entered limit, for the day, post-only: at 99.96 or better" in shown
    assert "BTC-USD at 99.96 or better — Donchian breakout" in shown
    assert "Buy Limit, for the day, post-only" in shown
