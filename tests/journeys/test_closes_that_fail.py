"""A close that failed on its way is finished by the next call: nothing of it is taken for done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from django.db import Error, OperationalError, connection

from apps.execution.models import Order
from apps.execution.services import fan_out, halting, orders
from apps.market.models import CandleCursor
from apps.risk import services as risk
from apps.risk.models import AccountRisk, Decision, KillSwitch
from apps.strategies.models import Run, StrategySubscription
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.logs_errors]


@pytest.fixture
def lab() -> World:
    return fakes.world()


def in_vain(*_: object, **__: object) -> Any:
    raise OperationalError("canceling statement due to lock timeout")


def decided_through() -> datetime:
    return CandleCursor.objects.values_list("decided_through", flat=True).get()


@pytest.mark.parametrize(("module", "name"), [(halting, "trip_found"), (risk, "found_in")])
def test_a_trip_that_fails_is_made_by_the_next_call_at_the_latest(
    lab: World, settings: Any, module: ModuleType, name: str
) -> None:
    settings.AUTOMATIC = {**settings.AUTOMATIC, "AUTOMATIC_CONSECUTIVE_LOSSES": Decimal(5)}
    before = lab.play(*QUIET, first=MONDAY)
    AccountRisk.objects.update(consecutive_losses=5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, in_vain)
        with pytest.raises(OperationalError):
            lab.play(JUMP, first=before)
    assert Decision.objects.get().code == "CONSECUTIVE_LOSSES"

    fakes.close(lab.venue, before + MINUTE)
    assert KillSwitch.objects.filter(cause="consecutive_losses").exists()


def test_orders_that_could_not_be_sent_are_by_the_next_call(lab: World) -> None:
    before = lab.play(*QUIET, first=MONDAY)
    send = orders.submit_pending

    def fails_with_an_order(venue: str, now: datetime) -> int:
        return in_vain() if Order.objects.exists() else send(venue, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "submit_pending", fails_with_an_order)
        with pytest.raises(OperationalError):
            lab.play(JUMP, first=before)
    assert (Order.objects.get().status, decided_through()) == ("pending", before)

    assert fakes.close(lab.venue, before + MINUTE) == 1
    assert Order.objects.get().status == "accepted"


def losing_its_session(decide: Callable[..., Any], asked: list[Sequence[int]]) -> Any:
    def lossy(asking: object, ids: Sequence[int]) -> Any:
        asked.append(ids)
        if len(asked) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return decide(asking, ids)

    return lossy


def test_who_has_lost_its_session_decides_no_more_and_blames_nobody(lab: World) -> None:
    """The lock of the closer was held by that session."""
    for name in ("bob", "carl"):
        owner = fakes.user(name)
        fakes.subscribe(owner, lab.version, fakes.account(owner, lab.venue))
    before = lab.play(*QUIET, first=MONDAY)
    asked: list[Sequence[int]] = []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fan_out, "CHUNK", 1)
        patch.setattr(fan_out, "decide_signals", losing_its_session(fan_out.decide_signals, asked))
        with pytest.raises(Error):
            lab.play(JUMP, first=before)
    connection.close()

    assert len(asked) == 1
    assert Run.objects.latest("candle_close_time").failing == {}
    assert fakes.close(lab.venue, before + MINUTE) == 1
    assert Decision.objects.count() == 3


def test_nobody_is_given_up_for_a_session_that_is_lost(lab: World) -> None:
    before = lab.play(*QUIET, first=MONDAY)
    StrategySubscription.objects.update(execution="spoilt")
    moment = fakes.write(lab.instrument, [JUMP], before)
    with pytest.raises(ValueError, match="spoilt"):
        fakes.close(lab.venue, moment)
    StrategySubscription.objects.update(execution="automatic")
    end = fakes.write(lab.instrument, ["103"], moment)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fan_out, "decide_signals", losing_its_session(fan_out.decide_signals, []))
        with pytest.raises(Error):
            fakes.close(lab.venue, end)
    connection.close()

    assert fakes.close(lab.venue, end) == 2
    assert Decision.objects.get(signal__candle_close_time=moment).outcome == "ordered"
