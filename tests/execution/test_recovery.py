"""What was left half done is found in the database and finished."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.execution import recovery
from apps.execution.models import Order, OrderEvent, Reservation
from apps.execution.services import orders
from apps.market.models import MarketClock
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies.models import Run
from tests.execution.undoing import undo_last_decision
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World, account, subscribe, user, world
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def test_the_sweep_makes_a_decision_that_is_missing(lab: World) -> None:
    bob = user("bob")
    subscribe(bob, lab.version, account(bob, lab.venue))
    lab.play(*QUIET, JUMP, first=MONDAY)
    undo_last_decision()
    Run.objects.update(decided_at=None)

    swept = recovery.sweep()

    assert swept.decisions == 1
    assert Decision.objects.count() == 2
    assert recovery.sweep().decisions == 0
    call_command("check_completeness")
    call_command("check_ledger")


def test_a_hole_is_told_and_repaired_whatever_the_run_says(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    undo_last_decision()

    with pytest.raises(CommandError, match="1 decisions are missing"):
        call_command("check_completeness")
    call_command("check_completeness", "--repair")

    assert Decision.objects.count() == 1


def test_an_entry_whose_candle_has_passed_expires_and_gives_its_money_back(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    _back_to_pending()
    MarketClock.objects.update(now=MONDAY + 8 * MINUTE)

    recovery.sweep()

    order = Order.objects.get()
    assert (order.status, order.reason) == ("expired", "STALE")
    assert Reservation.objects.get().released_at is not None
    call_command("check_ledger")


def test_an_entry_whose_candle_has_not_passed_is_sent(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    _back_to_pending()

    assert recovery.sweep().orders == 1
    assert Order.objects.get().status == "accepted"


def test_an_entry_that_was_not_sent_before_a_trip_is_cancelled_and_says_why(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    _back_to_pending()
    risk.trip(by="olga", reason="drill", now=MONDAY, state=TradingState.REDUCING)

    recovery.sweep()

    order = Order.objects.get()
    assert (order.status, order.reason) == ("canceled", "TRADING_REDUCING")
    call_command("check_ledger")


def test_an_exit_is_sent_however_late(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102", "102", first=MONDAY)
    lab.play("101.5", first=after)
    Order.objects.filter(leg="exit").update(status="pending")
    MarketClock.objects.update(now=MONDAY + 60 * MINUTE)

    recovery.sweep()

    assert Order.objects.get(leg="exit").status == "accepted"


def test_an_order_without_an_answer_is_asked_about_and_not_sent_again(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    Order.objects.update(status="submitted")

    assert orders.ask_about_unanswered(timedelta(minutes=1)) == 0  # too early to worry
    assert orders.ask_about_unanswered(timedelta(0)) == 1
    assert Order.objects.get().status == "accepted"
    assert _last_step() == MONDAY + 5 * MINUTE  # on the venue's clock


def test_an_entry_that_a_switch_forbids_ends_on_the_clock_of_its_venue(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    risk.trip(by="olga", reason="drill", now=MONDAY)

    assert recovery.sweep().cancelled == 1

    assert Order.objects.get().status == "canceled"
    assert _last_step() == Reservation.objects.get().released_at == MONDAY + 5 * MINUTE


def test_a_difference_in_the_ledger_is_told_with_its_amount(
    lab: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE execution_balance SET cash = cash + 0.01")

    with pytest.raises(CommandError, match="does not conserve: 1 difference"):
        call_command("check_ledger")
    assert "off by 0.01" in capsys.readouterr().err


def _back_to_pending() -> None:
    Order.objects.update(status="pending", submitted_at=None)


def _last_step() -> datetime:
    return OrderEvent.objects.latest("id").happened_at
