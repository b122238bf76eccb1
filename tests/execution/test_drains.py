"""Drains of many switches, and one that staff watch."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.execution.models import Order, Position
from apps.execution.services import cancelling, exits, halting
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db

AGAIN = '<meta http-equiv="refresh" content="2">'


@pytest.fixture
def lab() -> World:
    """Alice holds 24.5098."""
    made = fakes.world()
    made.play(*QUIET, JUMP, "102.5", first=MONDAY)
    return made


def test_what_switches_forbid_is_ended_once_for_all_of_them(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = ({"user": lab.alice}, {"account": lab.account}, {"venue": lab.venue})
    for target in targets:
        risk.trip(by="olga", reason="drill", now=MONDAY, state=TradingState.LIQUIDATING, **target)
    asked: list[str] = []

    def noting(module: Any, name: str) -> None:
        act = getattr(module, name)

        def noted() -> int:
            asked.append(name)
            return int(act())

        monkeypatch.setattr(module, name, noted)

    noting(cancelling, "cancel_halted_entries")
    noting(exits, "leave")

    assert halting.drain_all(timezone.now()) == 3

    assert asked == ["cancel_halted_entries", "leave"]
    assert Order.objects.filter(leg="exit").count() == 1
    held = Position.objects.get()
    waits_for = {tuple(switch.position_ids) for switch in KillSwitch.objects.all()}
    assert waits_for == {(held.pk,)}


def test_without_a_switch_nothing_is_asked(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exits, "leave", pytest.fail)
    assert halting.drain_all(timezone.now()) == 0


def test_the_switch_in_the_admin_is_read_again_until_it_is_drained(
    lab: World, client: Client
) -> None:
    client.force_login(fakes.user("root", is_staff=True, is_superuser=True))
    switch = halting.trip(
        by="olga", reason="drill", now=timezone.now(), state=TradingState.LIQUIDATING
    )

    def page() -> str:
        return client.get(f"/admin/risk/killswitch/{switch.pk}/change/").content.decode()

    waiting = page()
    lab.play("102.7", "102.7", first=MONDAY + 6 * MINUTE)
    halting.drain_all(timezone.now())
    done = page()

    assert "not flat: 1." in waiting
    assert AGAIN in waiting
    assert "not flat: 0." in done
    assert AGAIN not in done
