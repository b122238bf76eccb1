"""A decision that comes later than its close is held against the prices and the time there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest

from apps.brokers.models import BrokerAccount
from apps.common.errors import Refused
from apps.execution.services import by_hand, fan_out
from apps.execution.services.accounts import lock_people
from apps.execution.services.tickets import Ticket
from apps.market.models import MarketClock
from apps.risk.models import Decision
from apps.strategies.models import Run, Signal, StrategySubscription
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.gates import price_drift, stale_market
from trading.gates.values import Status
from trading.signals import Side

pytestmark = pytest.mark.django_db

Wait = Callable[[str], None]
Undecided = Callable[..., Run]
CLOSED = MONDAY + 4 * MINUTE
JUMPED = MONDAY + 5 * MINUTE


@pytest.fixture
def lab() -> World:
    return fakes.world()


@pytest.fixture
def waits(lab: World, monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Whoever orders next waits for the locks until a candle with this close has come."""

    def until(close: str) -> None:
        def lock_late(people: Iterable[int]) -> None:
            monkeypatch.undo()
            now = fakes.write(lab.instrument, [close], CLOSED)
            MarketClock.objects.update(now=now)
            lock_people(people)

        monkeypatch.setattr(f"{by_hand.__name__}.lock_people", lock_late)

    return until


def ticket(lab: World, stop_price: Decimal | None = None) -> Ticket:
    return Ticket(lab.account, lab.instrument, Side.BUY, Decimal(20), stop_price=stop_price)


def seen(decision: Decision, gate: int) -> tuple[Status, str, str]:
    """The status, the code and the observed value of that gate."""
    (row,) = (verdict for verdict in decision.verdicts if verdict[0] == gate)
    return Status(row[1]), row[2], row[3]


@pytest.mark.parametrize("asks", [by_hand.what_if, lambda order: by_hand.place(order, key="one")])
def test_a_ticket_that_waited_through_a_close_is_judged_by_the_price_after_it(
    lab: World, waits: Wait, asks: Callable[[Ticket], by_hand.Receipt]
) -> None:
    lab.play(*QUIET, first=MONDAY)
    waits("103")

    decision = asks(ticket(lab)).decision

    assert (decision.outcome, decision.code) == ("denied", "PRICE_DRIFTED")
    assert seen(decision, price_drift.NUMBER)[2] == "3"
    assert (decision.reference_price, decision.decided_at) == (103, CLOSED + MINUTE)


def test_near_enough_it_is_ordered_at_the_price_there_is(lab: World, waits: Wait) -> None:
    lab.play(*QUIET, first=MONDAY)
    waits("101")

    receipt = by_hand.place(ticket(lab), key="one")

    (order,) = receipt.orders
    assert (order.status, order.active_from) == ("accepted", CLOSED + MINUTE)
    assert receipt.decision.reference_price == 101
    assert Signal.objects.get(source="manual").reference_price == 100  # what was typed for
    assert seen(receipt.decision, price_drift.NUMBER) == (Status.PASSED, "", "1")
    assert seen(receipt.decision, stale_market.NUMBER) == (Status.PASSED, "", "0")


def test_a_ticket_whose_stop_was_passed_meanwhile_is_refused(lab: World, waits: Wait) -> None:
    lab.play(*QUIET, first=MONDAY)
    waits("98.5")

    with pytest.raises(Refused) as refused:
        by_hand.place(ticket(lab, stop_price=Decimal(99)), key="one")

    assert refused.value.code == "TICKET_NOT_USABLE"


def test_what_no_candle_has_come_for_is_too_old_to_enter(lab: World) -> None:
    lab.play(*QUIET, first=MONDAY)
    MarketClock.objects.update(now=CLOSED + 3 * MINUTE)

    decision = by_hand.place(ticket(lab), key="one").decision

    assert (decision.outcome, decision.code) == ("denied", "STALE_MARKET_DATA")
    assert seen(decision, stale_market.NUMBER)[2] == "3"


@pytest.fixture
def undecided(lab: World, monkeypatch: pytest.MonkeyPatch) -> Undecided:
    """A signal at the jump that nobody was asked about until these minutes had passed."""

    def after(*closes: str) -> Run:
        with monkeypatch.context() as patch:
            patch.setattr(fan_out, "fan_out", lambda *_, **__: 0)
            lab.play(*QUIET, JUMP, first=MONDAY)
        MarketClock.objects.update(now=fakes.write(lab.instrument, closes, JUMPED))
        return Run.objects.get(expected__gt=0)

    return after


@pytest.mark.parametrize(
    ("after", "code", "drift", "age"),
    [
        (["102.5"], "", "0.5", "1"),
        (["102", "106"], "PRICE_DRIFTED", "4", "2"),
        (["102", "102", "102.1"], "STALE_MARKET_DATA", "0.1", "3"),
    ],
)
def test_a_run_that_is_found_to_be_undecided_is_judged_by_what_has_come_since(
    undecided: Undecided, after: list[str], code: str, drift: str, age: str
) -> None:
    run = undecided(*after)

    fan_out.fan_out(run.version_id, run.candle_close_time)

    decision = Decision.objects.get()
    assert decision.code == code
    assert seen(decision, price_drift.NUMBER)[2] == drift
    assert seen(decision, stale_market.NUMBER)[2] == age


@pytest.mark.parametrize(("mode", "drift", "age"), [("paper", "0", "0"), ("live", "4", "2")])
def test_in_its_turn_paper_is_at_its_close_and_live_is_now(
    undecided: Undecided, mode: str, drift: str, age: str
) -> None:
    """On paper the candle after the close is yet to be taken, and fills it."""
    run = undecided("102", "106")
    BrokerAccount.objects.update(mode=mode)
    StrategySubscription.objects.update(mode=mode)

    fan_out.fan_out(run.version_id, run.candle_close_time, in_turn=True)

    decision = Decision.objects.get()
    assert seen(decision, price_drift.NUMBER)[2] == drift
    assert seen(decision, stale_market.NUMBER)[2] == age


def test_a_candle_that_is_not_over_changes_nothing(undecided: Undecided) -> None:
    run = undecided("102")
    MarketClock.objects.update(now=JUMPED + MINUTE / 2)

    fan_out.fan_out(run.version_id, run.candle_close_time)

    decision = Decision.objects.get()
    assert seen(decision, stale_market.NUMBER) == (Status.PASSED, "", "0")
