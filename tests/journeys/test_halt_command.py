"""What the command of the kill switches says, asks and refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.execution import recovery
from apps.execution.models import Order
from apps.execution.services import halting
from apps.risk.models import KillSwitch
from apps.risk.services import Found
from tests.fakes import JUMP, MONDAY, QUIET, World, world
from tests.journeys.test_halt import switch as _switch
from trading.gates.codes import GateCode
from trading.gates.triggers import OF_GATES, trigger

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> World:
    return world()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("trip",), "REASON_MISSING"),
        (("reset",), "REASON_MISSING"),
        (("trip", "--scope", "user:nobody@example.com", "--reason", "x"), "UNKNOWN_USER"),
        (("trip", "--scope", "strategy:none", "--reason", "x"), "UNKNOWN_STRATEGY"),
        (("trip", "--scope", "venue:none", "--reason", "x"), "UNKNOWN_VENUE"),
        (("trip", "--scope", "instrument:lab:none", "--reason", "x"), "UNKNOWN_INSTRUMENT"),
        (("trip", "--scope", "account:x", "--reason", "x"), "UNKNOWN_ACCOUNT"),
        (
            ("trip", "--scope", "subscription:99999999999999999999", "--reason", "x"),
            "UNKNOWN_SUBSCRIPTION",
        ),
        (("trip", "--scope", "everything", "--reason", "x"), "UNKNOWN_SCOPE"),
        (("trip", "--expires", "tomorrow", "--reason", "x"), "EXPIRY_NOT_CLEAR"),
        (("trip", "--expires", "2026-02-31T00:00Z", "--reason", "x"), "EXPIRY_NOT_CLEAR"),
        (("trip", "--expires", "2020-01-01T00:00Z", "--reason", "x"), "EXPIRY_PASSED"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], code: str) -> None:
    with pytest.raises(CommandError, match=code):
        _switch(*arguments)

    assert not KillSwitch.objects.exists()


def test_status_says_what_is_tripped_by_whom_and_why(lab: World) -> None:
    assert _switch("status") == "ACTIVE: no switch is tripped.\n"
    _switch("trip", "--reason", "a drill")
    _switch("trip", "--scope", "user:alice@example.com", "--state", "reducing", "--reason", "hers")
    _switch("trip", "--scope", "strategy:sma_crossover", "--reason", "too wild")

    lines = _switch("status").splitlines()

    assert len(lines) == 6
    assert lines[0].startswith("platform: HALTED since ")
    assert lines[0].endswith(" (command): a drill")
    assert lines[2].startswith("user:alice@example.com: REDUCING since ")
    assert lines[4].startswith("strategy:sma_crossover: HALTED since ")
    assert all(" by shell:" in line for line in lines[::2])
    assert all(line.endswith("Done.") for line in lines[1::2])


@pytest.mark.parametrize("arguments", [("trip", "--close-positions"), ("reset",)])
def test_what_cannot_be_taken_back_asks_first(lab: World, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="CONFIRMATION_MISSING"):
        call_command("kill_switch", *arguments, "--reason", "drill")
    assert not KillSwitch.objects.exists()


def test_a_switch_with_an_end_says_so_and_is_reset_by_the_sweep(lab: World) -> None:
    ends = timezone.now() + timedelta(hours=1)
    _switch("trip", "--reason", "a pause", "--expires", ends.isoformat())
    assert f" until {ends:%Y-%m-%d %H:%M:%S} UTC by " in _switch("status")

    earlier = timezone.now() - timedelta(hours=1)
    KillSwitch.objects.update(tripped_at=earlier, expires_at=earlier + timedelta(minutes=1))
    recovery.sweep()

    assert KillSwitch.objects.get().reset_by == "expiry"
    assert _switch("status").startswith("ACTIVE")


def test_one_that_tripped_by_itself_is_told_by_the_clock_by_which_it_ends(lab: World) -> None:
    lost = trigger(OF_GATES[GateCode.ACCOUNT_DAILY_LOSS], "0.03", "0.03")
    halting.trip_found([Found(lost, lab.account.pk)], clock=lab.venue.code, at=MONDAY)

    said = _switch("status")

    assert (
        "HALTED since 2026-06-01 00:00:00 UTC until 2026-06-02 00:00:00 UTC (market time of lab) "
        "by automatic (daily_loss): "
    ) in said


def test_a_drill_tells_the_seconds_of_each_part_and_changes_nothing(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)

    said = _switch("drill", "--scope", "user:alice@example.com")

    assert "user:alice@example.com as HALTED. Nothing was changed." in said
    assert " s  cancelling entries" in said
    assert "Entries to cancel: 1; cancelled: 1;" in said
    assert Order.objects.get().status == "accepted"
    assert not KillSwitch.objects.exists()


def test_status_ends_with_an_error_while_something_still_stands(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    with pytest.raises(CommandError, match="NOT_DRAINED"):
        _switch("trip", "--close-positions", "--reason", "drill")
    with pytest.raises(CommandError, match="NOT_DRAINED"):
        _switch("status")
