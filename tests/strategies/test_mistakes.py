"""A strategy that fails has a failed run, which says how and where; nobody else notices."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.test import Client
from django.urls import reverse

from apps.execution.models import Trade
from apps.strategies.models import Run, Signal, StrategyVersion
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.strategies import REGISTRY


class OwnMistake(Exception):
    """A strategy's own, of no family that Python has."""


class Unspeakable(OwnMistake):
    def __str__(self) -> str:
        raise OwnMistake


class Clumsy:
    """It makes the mistake that it is told."""

    mistake: type[BaseException] = ValueError

    def decide(self, candles: Any, parameters: Any) -> list[Any]:
        raise self.mistake("it stumbled")


@pytest.fixture
def clumsy(monkeypatch: pytest.MonkeyPatch) -> Clumsy:
    made = Clumsy()
    built_in = replace(REGISTRY["sma_crossover"], code="clumsy", decide=made.decide)
    monkeypatch.setitem(REGISTRY, "clumsy", built_in)
    return made


@pytest.fixture
def lab(clumsy: Clumsy, db: None) -> World:
    """Its version looks at the instrument before the one that Alice follows does."""
    at = fakes.venue()
    traded = fakes.instrument(at)
    fakes.version([traded], of="clumsy")
    followed = fakes.version([traded])
    alice = fakes.user("alice")
    paper = fakes.account(alice, at)
    subscription = fakes.subscribe(alice, followed, paper)
    return World(at, traded, followed, alice, paper, subscription)


def failed_run() -> Run:
    return Run.objects.filter(version__strategy__code="clumsy").latest("candle_close_time")


@pytest.mark.parametrize("mistake", [AttributeError, AssertionError, Exception, OwnMistake])
def test_a_mistake_of_any_kind_ends_as_a_failed_run(
    lab: World, clumsy: Clumsy, mistake: type[Exception]
) -> None:
    clumsy.mistake = mistake

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert failed_run().status == Run.Status.FAILED
    assert failed_run().reason.startswith("test_mistakes.py:")
    assert failed_run().reason.endswith(f": {mistake.__name__}: it stumbled")
    assert Signal.objects.get().version == lab.version


def test_a_mistake_that_cannot_say_what_it_is_ends_as_a_failed_run_too(
    lab: World, clumsy: Clumsy
) -> None:
    clumsy.mistake = Unspeakable

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert "Unspeakable" in failed_run().reason
    assert Signal.objects.get().version == lab.version


@pytest.mark.parametrize("end", [SoftTimeLimitExceeded, KeyboardInterrupt, SystemExit])
def test_what_ends_the_worker_is_no_mistake_of_who_is_running(
    lab: World, clumsy: Clumsy, end: type[BaseException]
) -> None:
    clumsy.mistake = end

    with pytest.raises(end):
        lab.play(*QUIET, first=MONDAY)

    assert not Run.objects.filter(status=Run.Status.FAILED).exists()


def test_what_is_held_is_still_left_where_its_stop_stands(lab: World, clumsy: Clumsy) -> None:
    clumsy.mistake = AttributeError
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)

    lab.play(("101", "101", "98", "98"), first=after)

    assert Trade.objects.get().exit_price == Decimal("99.96")
    assert failed_run().candle_close_time == after + MINUTE


def test_staff_see_where_it_stumbled(lab: World, clumsy: Clumsy, client: Client) -> None:
    lab.play(*QUIET, first=MONDAY)
    client.force_login(fakes.user("olga", is_staff=True, is_superuser=True))

    shown = client.get(reverse("admin:strategies_run_changelist"), {"status": "failed"})

    assert failed_run().reason in shown.content.decode()


def test_a_version_whose_strategy_has_gone_fails_alone(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(REGISTRY, "clumsy")

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert failed_run().reason.endswith("KeyError: 'clumsy'")
    assert Signal.objects.get().version == lab.version


def test_who_follows_it_sees_a_code_and_no_line_of_it(
    lab: World, clumsy: Clumsy, client: Client
) -> None:
    stumbles = StrategyVersion.objects.get(strategy__code="clumsy")
    fakes.subscribe(lab.alice, stumbles, lab.subscription.account)
    lab.play(*QUIET, first=MONDAY)
    client.force_login(lab.alice)

    failed = client.get("/api/v1/runs", {"status": "failed"}).json()["data"]["runs"]

    assert {run["reason"] for run in failed} == {"STRATEGY_FAILED"}
