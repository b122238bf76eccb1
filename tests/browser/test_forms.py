"""The pages that ask, on a phone and in the sheet that dresses them."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.subscriptions import services
from tests.browser.conftest import OpenPage
from tests.fakes import QUIET

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
