"""The pages that ask, on a phone and in the sheet that dresses them."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.execution.models import Approval, Position
from apps.strategies import services as strategies
from apps.subscriptions import services
from tests import fakes
from tests.browser.conftest import OpenPage
from tests.fakes import JUMP, MONDAY, QUIET, World
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
TOUCHED = 44  # pixels: what a finger hits
TICK = 18


def test_what_asks_fits_a_phone_and_is_dressed(
    open_page: OpenPage, play: Callable[..., None], elsewhere: Callable[..., Any]
) -> None:
    elsewhere(services.publish)
    play(*QUIET)
    page = open_page(viewport=PHONE)

    for path in ("/limits/", "/what-if/", "/subscriptions/", "/plans/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        for typed in page.locator("main select, main input[type=text]").all():
            box = typed.bounding_box()
            assert box is not None
            assert box["height"] >= TOUCHED, path

    page.goto("/limits/")
    ticks = [tick.bounding_box() for tick in page.locator("main input[type=checkbox]").all()]
    assert len(ticks) == 7
    assert {tick["width"] for tick in ticks if tick} == {TICK}


def test_what_asks_about_a_position_or_an_entry_fits_a_phone_and_is_dressed(
    open_page: OpenPage, lab: World, play: Callable[..., None], elsewhere: Callable[..., Any]
) -> None:
    elsewhere(_have_one_asked, lab)
    play(*QUIET, JUMP, "103")
    position, approval = elsewhere(_pks)
    page = open_page(viewport=PHONE)

    for path, padding in (
        ("/approvals/", "0px"),  # in a row of a table: its buttons alone
        (f"/approvals/{approval}/", "16px"),
        (f"/positions/{position}/", "16px"),
        (f"/subscriptions/{lab.subscription.pk}/live/", "16px"),
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
        asking = page.locator("form.asking")
        assert asking.evaluate("form => getComputedStyle(form).paddingLeft") == padding, path
        for button in asking.locator("button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= TOUCHED, path


def _have_one_asked(lab: World) -> None:
    """Alice is asked in a second account, and not in her first."""
    second = fakes.account(lab.alice, lab.venue, name="Second")
    asked = fakes.subscribe(lab.alice, lab.version, second)
    strategies.set_execution(asked, ExecutionMode.APPROVE, now=MONDAY, by=lab.alice.pk)


def _pks() -> tuple[int, int]:
    return Position.objects.get().pk, Approval.objects.get().pk
