"""Automatic switches that a person has reset: what is left alone, and for how long."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.execution.services import measuring
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from tests import fakes
from tests.fakes import HOUR, JUMP, MINUTE, MONDAY, QUIET, World

pytestmark = pytest.mark.django_db

HELD = (*QUIET, JUMP, "102.5")
TUESDAY = MONDAY + timedelta(days=1)
TWO = Decimal("0.00002")  # of 100,000 they are 2, less than the fee of one entry


@pytest.fixture
def lab() -> World:
    return fakes.world()


@pytest.fixture(autouse=True)
def automatic(settings: Any) -> None:
    """Nothing trips but what a test says."""
    never = {
        name: value if "MINUTES" in name else Decimal(0)
        for name, value in settings.AUTOMATIC.items()
    }
    settings.AUTOMATIC = never


def standing() -> list[str]:
    return list(KillSwitch.objects.filter(reset_at=None).values_list("cause", flat=True))


def reset() -> None:
    switch = KillSwitch.objects.get(reset_at=None)
    risk.reset_one(switch, by="olga", reason="I know", now=timezone.now())


@pytest.mark.parametrize("cause", ["daily_loss", "weekly_loss"])
def test_a_loss_is_left_alone_for_an_hour_and_then_trips_again(
    lab: World, settings: Any, cause: str
) -> None:
    settings.AUTOMATIC[f"AUTOMATIC_{cause.upper()}"] = TWO
    after = lab.play(*HELD, first=MONDAY)
    assert standing() == [cause]
    reset()
    after = lab.play("102.4", first=after)
    assert standing() == []

    KillSwitch.objects.update(reset_at=timezone.now() - HOUR)
    lab.play("102.4", first=after)

    assert standing() == [cause]


def test_a_new_day_begins_with_nothing_left_alone(lab: World, settings: Any) -> None:
    settings.AUTOMATIC["AUTOMATIC_DAILY_LOSS"] = TWO
    lab.play(*HELD, first=MONDAY)
    reset()

    fakes.write(lab.instrument, ["102.4"], TUESDAY - MINUTE)
    lab.play("102.5", "102.3", first=TUESDAY)  # it is worth less than at midnight

    assert standing() == ["daily_loss"]
    assert KillSwitch.objects.get(reset_at=None).expires_at == TUESDAY + timedelta(days=1)


def test_a_reset_is_not_undone_by_what_was_measured_before_it(
    lab: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUTOMATIC["AUTOMATIC_DRAWDOWN"] = TWO
    after = lab.play(*HELD, first=MONDAY)
    assert standing() == ["max_drawdown"]
    measure = measuring._measure

    def then_reset(*args: Any) -> list[risk.Found]:
        found = measure(*args)
        reset()
        return found

    monkeypatch.setattr(measuring, "_measure", then_reset)
    after = lab.play("102.5", first=after)
    assert standing() == []

    monkeypatch.setattr(measuring, "_measure", measure)
    lab.play("102.5", "102.3", first=after)  # below the highest since then
    assert standing() == ["max_drawdown"]
