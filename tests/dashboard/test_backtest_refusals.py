"""What is refused only once all of a form is looked at; each rolls back what it began."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.research.models import BacktestRun
from tests import fakes
from tests.dashboard.backtesting import asked, swinging
from tests.dashboard.reading import text
from tests.dashboard.test_backtests import PAGE, typed
from tests.fakes import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lab(transactional_db: None) -> World:
    return fakes.world()


@pytest.mark.parametrize(("value", "code"), [("7m", "UNKNOWN_TIMEFRAME"), ("1h", "NO_CANDLES")])
def test_candles_that_are_not_there_are_told_beside_their_field(
    lab: World, alice: Client, value: str, code: str
) -> None:
    swinging(lab, 3)
    page = alice.post(PAGE, typed(lab, timeframe=value, quantity="3.25")).content.decode()
    assert re.search(rf'id="p-timeframe">[^<]*<code>{code}<', page)
    assert 'value="3.25"' in page


def test_a_period_that_ends_before_it_begins_is_refused(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    typed_in = typed(lab, began_at="2026-06-03", until="2026-06-02")
    assert "PERIOD_NOT_USABLE" in text(alice.post(PAGE, typed_in))


def test_too_many_at_once_are_refused_for_the_whole_form(
    lab: World, alice: Client, settings: Any
) -> None:
    settings.BACKTEST_UNFINISHED = 1
    swinging(lab, 3)
    asked(lab)
    page = alice.post(PAGE, typed(lab)).content.decode()
    assert re.search(r'id="p-form">.*TOO_MANY_BACKTESTS', page)
    assert BacktestRun.objects.count() == 1


def test_without_a_strategy_there_is_no_form(client: Client) -> None:
    client.force_login(fakes.user("carol"))
    assert "There is no strategy to try yet." in text(client.get(PAGE))
    assert client.post(PAGE, {"version": "1"}).status_code == 200
