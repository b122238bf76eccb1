"""The red button, in a browser; with JavaScript and without."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.execution.models import Position
from apps.execution.services import halting
from apps.risk.models import KillSwitch
from tests.browser.conftest import OpenPage
from tests.fakes import JUMP, QUIET, World
from trading.gates.values import TradingState

pytestmark = pytest.mark.browser

Play = Callable[..., None]
PHONE: Any = {"width": 390, "height": 844}


@pytest.mark.parametrize("with_script", [True, False])
def test_trading_is_stopped_and_the_page_follows_until_it_is_done(
    lab: World, open_page: OpenPage, play: Play, with_script: bool
) -> None:
    play(*QUIET, JUMP, "103")
    page = open_page(viewport=PHONE, java_script_enabled=with_script)
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


def test_whom_staff_let_open_nothing_new_stops_without_closing_what_they_hold(
    lab: World, open_page: OpenPage, play: Play, elsewhere: Callable[..., Any]
) -> None:
    play(*QUIET, JUMP, "103")
    elsewhere(
        halting.trip, by="olga", reason="odd orders", now=timezone.now(),
        state=TradingState.REDUCING, user=lab.alice,
    )  # fmt: skip
    page = open_page(viewport=PHONE)
    page.goto("/stop/")
    _is_not_wider_than_a_phone(page)
    expect(page.get_by_label("Close my positions too")).not_to_be_checked()
    page.get_by_label("Why").fill("too wild")
    page.get_by_label("Type STOP").fill("STOP")
    page.get_by_role("button", name="Stop my trading").click()

    expect(page.get_by_role("status")).to_contain_text("“too wild”")
    expect(page.get_by_role("heading", name="Your trading is stopped")).to_be_visible()
    switch = KillSwitch.objects.get(is_own=True)
    assert (switch.state, switch.expires_at) == (TradingState.HALTED, None)
    assert Position.objects.get().quantity > 0
    expect(page.get_by_role("button", name="Close my positions")).to_be_visible()


def _is_not_wider_than_a_phone(page: Page) -> None:
    """Without JavaScript too: what is asked here is not the page's own script."""
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
