"""The red button, in a browser; with JavaScript and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.execution.models import Position
from tests.browser.conftest import OpenPage
from tests.fakes import JUMP, QUIET, World

pytestmark = pytest.mark.browser

Play = Callable[..., None]


@pytest.mark.parametrize("with_script", [True, False])
def test_trading_is_stopped_and_the_page_follows_until_it_is_done(
    lab: World, open_page: OpenPage, play: Play, with_script: bool
) -> None:
    play(*QUIET, JUMP, "103")
    page = open_page(viewport={"width": 390, "height": 844}, java_script_enabled=with_script)
    page.get_by_role("link", name="Stop all my trading").click()
    page.get_by_label("Why").fill("too wild")
    page.get_by_label("Close my positions too").check()
    page.get_by_role("button", name="Stop my trading").click()
    expect(page.locator("#p-confirm")).to_contain_text("Type STOP")

    page.get_by_label("Type STOP").fill("STOP")
    page.get_by_role("button", name="Stop my trading").click()
    expect(page.locator('[data-drain="waits"]')).to_be_visible()
    _is_not_wider_than_a_phone(page)
    play("104", "104")

    expect(page.locator('[data-drain="done"]')).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Your trading is stopped")
    expect(page.get_by_role("status")).to_contain_text("“too wild”")
    assert Position.objects.get().quantity == 0


def _is_not_wider_than_a_phone(page: Page) -> None:
    if page.evaluate("true"):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
