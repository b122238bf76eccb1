"""The hours that a person trades in, and the markets that a version keeps out of."""

from datetime import time

import pytest
from django.test import Client

from apps.common.models import Mode
from apps.risk.limits import own_limits_of
from apps.risk.models import Decision
from apps.risk.services.limits import set_limits
from apps.strategies.models import StrategyVersion
from tests.fakes import HOUR, JUMP, MONDAY, QUIET, World, regime_snapshot, world
from trading.regime import Regime
from trading.windows import WEEK, Window

pytestmark = pytest.mark.django_db
PAGE = "/limits/"


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def decided() -> tuple[str, str]:
    made = Decision.objects.latest("id")
    return made.outcome, made.code


def test_outside_of_a_persons_hours_nothing_is_entered_and_it_is_said_when_they_begin(
    lab: World,
) -> None:
    set_limits(lab.alice, Mode.PAPER, {}, now=MONDAY, window=Window.of(WEEK, time(0, 10), time(17)))
    lab.play(*QUIET, JUMP, first=MONDAY)

    assert decided() == ("denied", "OUTSIDE_TRADING_WINDOW")
    refused = next(each for each in Decision.objects.get().verdicts if each[1] == 0)
    assert refused[3:5] == ["closed", "2026-06-01 00:10 UTC"]


def test_inside_of_them_it_is(lab: World) -> None:
    set_limits(lab.alice, Mode.PAPER, {}, now=MONDAY, window=Window.of({0}, time(0), time(1)))
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert decided() == ("ordered", "")


def test_a_position_is_left_at_any_hour(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    set_limits(lab.alice, Mode.PAPER, {}, now=MONDAY, window=Window.of({6}, time(0), time(1)))
    lab.play("101.5", "101.4", first=after)
    assert Decision.objects.get(action="exit_long").outcome == "ordered"


@pytest.mark.parametrize(
    ("in_force", "outcome", "code"),
    [
        (Regime.RANGING, "denied", "REGIME_BLOCKED"),
        (Regime.TRENDING_UP, "ordered", ""),
        ("", "denied", "FACT_UNKNOWN"),
    ],
)
def test_a_version_keeps_out_of_the_markets_it_blocks_and_of_those_that_nobody_knows(
    lab: World, in_force: str, outcome: str, code: str
) -> None:
    StrategyVersion.objects.update(blocked_regimes=[Regime.RANGING.value])
    regime_snapshot(lab.instrument, regime=in_force, close_time=MONDAY)
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert decided() == (outcome, code)


def test_where_no_market_was_ever_read_a_version_that_blocks_one_enters_nothing(lab: World) -> None:
    StrategyVersion.objects.update(blocked_regimes=[Regime.RANGING.value])
    regime_snapshot(lab.instrument, close_time=MONDAY + HOUR)  # later than it decides
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert decided() == ("denied", "FACT_UNKNOWN")


def test_hours_are_typed_on_the_page_of_limits_and_shown_again(lab: World, client: Client) -> None:
    client.force_login(lab.alice)
    typed = {"window_days": ["0", "4"], "window_opens": "08:00", "window_closes": "17:30"}
    assert client.post(PAGE, typed).status_code == 302

    own = own_limits_of([lab.alice.pk], Mode.PAPER)[lab.alice.pk]
    assert own.window == Window.of({0, 4}, time(8), time(17, 30))
    page = client.get(PAGE).content.decode()
    assert 'value="08:00"' in page
    assert page.count("checked") == 2
    assert client.post(PAGE, {}).status_code == 302
    assert own_limits_of([lab.alice.pk], Mode.PAPER)[lab.alice.pk].window is None


@pytest.mark.parametrize(
    "typed", [{"window_opens": "08:00"}, {"window_closes": "08:00"}, {"window_days": ["1"]}]
)
def test_half_of_a_window_is_none(lab: World, client: Client, typed: dict[str, object]) -> None:
    client.force_login(lab.alice)
    answer = client.post(PAGE, typed)
    assert answer.status_code == 400
    assert "hours need both" in answer.content.decode()


def test_every_day_is_meant_where_no_day_is_ticked(lab: World, client: Client) -> None:
    client.force_login(lab.alice)
    client.post(PAGE, {"window_opens": "08:00", "window_closes": "17:30"})
    own = own_limits_of([lab.alice.pk], Mode.PAPER)[lab.alice.pk]
    assert own.window is not None
    assert own.window.days == set(WEEK)
    # So that the window is lifted by emptying its hours, without taking seven ticks away.
    assert client.get(PAGE).content.decode().count("checked") == 0
