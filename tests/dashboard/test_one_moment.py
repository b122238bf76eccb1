"""A page read while a fill is recorded shows the state before it or after it, never a mixture."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import InternalError, connections, transaction
from django.test import Client

from apps.dashboard.api import charts
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors import desk
from apps.dashboard.selectors.equity import equity_curve
from apps.dashboard.selectors.positions import positions
from apps.execution.models import Position
from apps.strategies.models import Strategy
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import MINUTE, MONDAY, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lab(transactional_db: None) -> World:
    """Alice's entry is on its way."""
    made = fakes.world()
    made.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    return made


def _while_it_fills(lab: World, read: Callable[..., Any]) -> Callable[..., Any]:
    """`read`, before which another process fills the entry, once."""

    def fill() -> None:
        lab.play("103", first=MONDAY + 5 * MINUTE)
        connections.close_all()

    def reading(*args: Any, **kwargs: Any) -> Any:
        if not Position.objects.exists():
            with ThreadPoolExecutor(max_workers=1) as another:
                another.submit(fill).result()
        return read(*args, **kwargs)

    return reading


def test_the_page_never_mixes_cash_before_a_fill_with_a_position_after_it(
    lab: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(lab.alice)
    monkeypatch.setattr(f"{desk.__name__}.positions", _while_it_fills(lab, positions))

    shown = text(client.get("/"))

    assert Position.objects.get().quantity > 0  # it has filled meanwhile
    assert "Equity PAPER 100,000.00 USD" in shown
    assert "No position is open." in shown
    assert "Equity PAPER 99,997.48 USD" in text(client.get("/"))


def test_nor_does_the_equity_curve(
    lab: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(lab.alice)
    monkeypatch.setattr(f"{charts.__name__}.equity_curve", _while_it_fills(lab, equity_curve))
    points = client.get("/api/v1/account/equity").json()["data"]["points"]
    assert Position.objects.get().quantity > 0
    assert {point["value"] for point in points} == {100_000.0}


def test_nothing_can_be_written_meanwhile(lab: World) -> None:
    with pytest.raises(InternalError, match="read-only transaction"), one_moment():
        Strategy.objects.update(name="other")


def test_within_a_transaction_it_is_that_transactions_view(lab: World) -> None:
    with transaction.atomic(), one_moment():
        Strategy.objects.update(name="other")
    assert Strategy.objects.filter(name="other").exists()
