"""Who places the entries of a subscription: nobody, its owner one by one, or we. Exits always
leave."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.common.errors import Conflict
from apps.events.models import Event
from apps.execution import recovery
from apps.execution.models import Approval, Order, Position, Reservation, Trade
from apps.execution.services import approvals
from apps.execution.services.approving import approve, decline
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategySubscription
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World, world
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.django_db

ENTERED = MONDAY + 5 * MINUTE  # when the jump has closed


def set_mode(lab: World, mode: ExecutionMode) -> None:
    strategies.set_execution(lab.subscription, mode, now=MONDAY, by=lab.alice.pk)


def waiting() -> Approval:
    return Approval.objects.select_related(
        "decision__instrument", "decision__signal__instrument", "decision__signal__version",
        "decision__signal__run",
    ).get(answer="waiting")  # fmt: skip


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world(capital=Decimal(10_000))


@pytest.fixture
def asked(lab: World) -> World:
    """The jump has closed, and Alice is asked."""
    set_mode(lab, ExecutionMode.APPROVE)
    lab.play(*QUIET, JUMP, first=MONDAY)
    return lab


def test_who_says_nothing_trades_automatically(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    assert StrategySubscription.objects.get().execution == "automatic"
    assert Position.objects.get().quantity > 0
    assert not Approval.objects.exists()


def test_who_watches_reads_what_would_have_been_ordered(lab: World) -> None:
    set_mode(lab, ExecutionMode.WATCH)

    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    decision = Decision.objects.get()
    assert (decision.outcome, decision.code) == ("skipped", "WATCH_ONLY")
    assert decision.quantity > 0
    assert decision.verdicts[-1] == [38, 0, "WATCH_ONLY", "watch", "automatic"]
    assert not Order.objects.exists()
    assert not Reservation.objects.exists()
    call_command("check_completeness")


def test_an_entry_that_needs_approval_waits_and_says_until_when(asked: World) -> None:
    decision, approval = Decision.objects.get(), waiting()

    assert (decision.outcome, decision.code) == ("deferred", "APPROVAL_NEEDED")
    assert approval.decision == decision
    assert (approval.asked_at, approval.expires_at) == (ENTERED, ENTERED + approvals.lasts())
    assert not Order.objects.exists()
    told = Event.objects.get(kind="approval.needed")
    assert told.payload["decision"] == decision.pk
    assert told.payload["expires_at"] == approval.expires_at.isoformat()
    call_command("check_completeness")


@pytest.mark.parametrize("mode", list(ExecutionMode))
def test_an_exit_leaves_in_every_mode(lab: World, mode: ExecutionMode) -> None:
    after = lab.play(*QUIET, JUMP, "102", "102", first=MONDAY)
    set_mode(lab, mode)

    lab.play("101.5", "101.4", first=after)

    assert Trade.objects.get().exit_reason == "signal"
    assert Position.objects.get().quantity == 0


@pytest.mark.parametrize("mode", list(ExecutionMode))
def test_a_stop_closes_in_every_mode(lab: World, mode: ExecutionMode) -> None:
    after = lab.play(*QUIET, JUMP, "102", first=MONDAY)
    set_mode(lab, mode)

    lab.play(("101", "101", "90", "98"), first=after)

    assert Trade.objects.get().exit_reason == "stop"


def test_what_is_approved_is_ordered_and_fills_on_the_next_candle(asked: World) -> None:
    found = approve(waiting(), by=asked.alice)

    order = Order.objects.get()
    assert (found.answer, found.outcome, found.code) == ("approved", "ordered", "")
    assert (found.by, found.answered_at) == (asked.alice.email, ENTERED)
    assert (order.decision_id, order.leg, order.status) == (found.decision_id, "entry", "accepted")
    assert order.quantity == found.quantity == Decision.objects.get().quantity
    assert Decision.objects.get().outcome == "deferred"
    told = Event.objects.get(kind="approval.answered").payload
    assert (told["answer"], told["outcome"], told["code"]) == ("approved", "ordered", "")

    asked.play("102.5", first=ENTERED)

    assert Position.objects.get().quantity == order.quantity
    call_command("check_ledger")
    call_command("check_completeness")


def test_every_gate_is_asked_again(asked: World) -> None:
    risk.trip(by="olga", reason="a test", now=MONDAY, user=asked.alice)

    found = approve(waiting(), by=asked.alice)

    assert (found.answer, found.outcome, found.code) == ("approved", "denied", "TRADING_HALTED")
    assert not Order.objects.exists()
    assert any(verdict[2] == "TRADING_HALTED" for verdict in found.verdicts)


def test_cash_that_is_gone_meanwhile_cannot_be_spent(asked: World) -> None:
    StrategySubscription.objects.update(capital=Decimal(1))

    found = approve(waiting(), by=asked.alice)

    assert found.outcome == "denied"
    assert not Order.objects.exists()


def test_a_subscription_that_was_paused_meanwhile_enters_nothing(asked: World) -> None:
    strategies.pause(asked.subscription, now=ENTERED)

    found = approve(waiting(), by=asked.alice)

    assert (found.outcome, found.code) == ("skipped", "SUBSCRIPTION_PAUSED")


def test_who_only_watches_now_cannot_approve_an_order(asked: World) -> None:
    set_mode(asked, ExecutionMode.WATCH)

    assert approve(waiting(), by=asked.alice).code == "WATCH_ONLY"
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("price", "code"), [("103.9", ""), ("104.5", "PRICE_DRIFTED"), ("99.9", "PRICE_DRIFTED")]
)
def test_a_price_that_has_run_away_is_refused(asked: World, price: str, code: str) -> None:
    """By 2 percent of 102, or past its stop, which is at 99.96."""
    approval = waiting()
    asked.play(price, first=ENTERED)

    assert approve(approval, by=asked.alice).code == code


def test_a_price_past_the_target_is_refused(asked: World) -> None:
    """Bought there it would be sold at once."""
    Signal.objects.update(target_price=Decimal("102.4"))
    asked.play("102.45", first=ENTERED)

    assert approve(waiting(), by=asked.alice).code == "PRICE_DRIFTED"
    assert not Order.objects.exists()


def test_a_price_of_long_ago_is_none_to_order_at(asked: World) -> None:
    MarketClock.objects.update(now=ENTERED + 3 * MINUTE)

    assert approve(waiting(), by=asked.alice).code == "STALE_MARKET_DATA"


def test_never_more_is_ordered_than_was_approved(asked: World) -> None:
    """Nearer to the stop the policy alone would buy more."""
    approval = waiting()
    asked.play("100.9", first=ENTERED)

    found = approve(approval, by=asked.alice)

    assert found.outcome == "ordered"
    assert found.quantity == Decision.objects.get(pk=approval.decision_id).quantity


def test_less_is_ordered_where_the_stop_is_farther_now(asked: World) -> None:
    approval = waiting()
    asked.play("103", first=ENTERED)

    found = approve(approval, by=asked.alice)

    assert found.outcome == "ordered"
    assert 0 < found.quantity < approval.decision.quantity


def test_what_was_approved_is_not_approved_again(asked: World) -> None:
    approval = waiting()
    approve(approval, by=asked.alice)

    with pytest.raises(Conflict) as refused:
        approve(approval, by=asked.alice)

    assert refused.value.code == "APPROVAL_ANSWERED"
    assert Order.objects.count() == 1


def test_what_was_declined_is_not_approved(asked: World) -> None:
    approval = waiting()
    assert decline(approval, by=asked.alice).answer == "declined"

    for answer in (approve, decline):
        with pytest.raises(Conflict) as refused:
            answer(approval, by=asked.alice)
        assert refused.value.code == "APPROVAL_ANSWERED"
    assert not Order.objects.exists()


def test_what_has_expired_is_swept_and_cannot_be_approved(asked: World) -> None:
    approval = waiting()
    later = approval.expires_at

    assert approvals.expire("lab", later - timedelta(seconds=1)) == 0
    assert approvals.expire("lab", later) == 1
    assert approvals.expire("lab", later) == 0

    found = Approval.objects.get()
    assert (found.answer, found.answered_at, found.by) == ("expired", later, "")
    assert Event.objects.get(kind="approval.answered").payload["answer"] == "expired"
    with pytest.raises(Conflict) as refused:
        approve(approval, by=asked.alice)
    assert refused.value.code == "APPROVAL_EXPIRED"


def test_the_sweep_ends_what_has_waited_too_long(asked: World) -> None:
    MarketClock.objects.update(now=waiting().expires_at)

    assert recovery.sweep().expired == 1
    assert Approval.objects.get().answer == "expired"


def test_it_cannot_be_approved_late_though_nobody_has_swept_it(asked: World) -> None:
    approval = waiting()
    Approval.objects.update(expires_at=ENTERED, asked_at=MONDAY)

    with pytest.raises(Conflict) as refused:
        approve(approval, by=asked.alice)

    assert refused.value.code == "APPROVAL_EXPIRED"
    assert not Order.objects.exists()


def test_an_entry_that_its_strategy_no_longer_wants_is_withdrawn(asked: World) -> None:
    approval = waiting()

    asked.play("102", "102", "101.5", first=ENTERED)

    assert Approval.objects.get(pk=approval.pk).answer == "withdrawn"
    with pytest.raises(Conflict) as refused:
        approve(approval, by=asked.alice)
    assert refused.value.code == "APPROVAL_WITHDRAWN"
