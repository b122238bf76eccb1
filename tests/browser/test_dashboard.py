"""The page, in a browser, while the market moves."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from apps.risk import services as risk
from tests.browser.conftest import OpenPage, Watch
from tests.fakes import DROP, JUMP, MONDAY, QUIET, World

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
Play = Callable[..., None]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Alice's page at a desk; never loaded again unless the test does so."""
    opened = open_page(viewport={"width": 1280, "height": 900})
    expect(opened.locator("#light")).to_have_text("Live")
    opened.evaluate("window.isTheSamePage = true")
    return opened


def _is_the_same(page: Page) -> bool:
    return bool(page.evaluate("window.isTheSamePage === true"))


def test_a_position_appears_and_moves_without_a_reload(page: Page, play: Play) -> None:
    expect(page.locator("#positions")).to_contain_text("No position is open.")

    play(*QUIET, JUMP)
    feed = page.locator("#feed li").first
    expect(feed).to_contain_text("Buying 24.5098 BTC-USD at the next price — SMA crossover")

    play("103")
    row = page.locator("[data-position]")
    expect(row).to_contain_text("BTC-USD")
    expect(row).to_contain_text("LONG")
    expect(feed).to_contain_text("Bought 24.5098 BTC-USD at 103.00 — SMA crossover")
    expect(page.locator('[data-card="exposure"]')).to_contain_text("2,524.51 USD")

    play("104")
    expect(row.locator('[data-cell="last"]')).to_have_text("104.00")
    expect(row.locator('[data-cell="pnl"]')).to_contain_text("+24.51")
    expect(page.locator('[data-card="open"]')).to_have_text("+24.51")
    expect(page.locator('[data-card="equity"]')).to_have_text("100,021.99")
    expect(page.locator("#clock")).to_have_text("1 Jun 2026, 00:07 UTC")
    assert _is_the_same(page)


def test_a_closed_position_becomes_a_trade(page: Page, play: Play) -> None:
    play(*QUIET, JUMP, "103", ("103", "107", "103", "107"))
    expect(page.locator("#trades tbody tr")).to_contain_text("target reached")
    expect(page.locator("#positions")).to_contain_text("No position is open.")
    expect(page.locator("#cards")).to_contain_text("1 of 1 trade won")
    assert _is_the_same(page)


def test_prices_alone_ask_nothing_of_the_server(page: Page, play: Play, watch: Watch) -> None:
    play(*QUIET, JUMP, "103")
    expect(page.locator("[data-position]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    before = len(watch.asked)

    play("103.5")
    play("103.8")
    expect(page.locator('[data-cell="last"]')).to_have_text("103.80")

    page.wait_for_timeout(600)  # longer than a refresh is put off
    assert watch.asked[before:] == []


def test_what_was_missed_while_offline_is_there_afterwards(
    page: Page, play: Play, watch: Watch
) -> None:
    watch.is_offline = True
    page.context.set_offline(True)
    expect(page.locator("#light")).to_have_text("Reconnecting…")
    play(*QUIET, JUMP, "103")
    expect(page.locator("[data-position]")).to_have_count(0)

    page.context.set_offline(False)

    expect(page.locator("#light")).to_have_text("Live")
    expect(page.locator("[data-position]")).to_contain_text("BTC-USD", timeout=30_000)
    assert _is_the_same(page)


def test_a_tripped_switch_is_told_at_once(
    page: Page, play: Play, elsewhere: Callable[..., Any]
) -> None:
    elsewhere(risk.trip, by="olga", reason="odd prices", now=MONDAY)
    play("100")
    expect(page.locator("#halts")).to_contain_text("Trading is stopped on the whole platform")
    expect(page.locator("#halts")).to_contain_text("olga")


def test_the_charts_are_drawn_and_follow_the_market(page: Page, play: Play) -> None:
    play(*QUIET, JUMP)
    page.reload()
    note = page.locator("#candles-note")
    expect(note).to_contain_text("BTC-USD 2026-06-01 00:04 UTC · open 102.00")
    assert page.locator("#candles canvas").count() > 0
    assert page.locator("#equity canvas").count() > 0
    expect(page.locator("#equity-note")).to_contain_text("100,000.00 now")

    play(("103", "105", "101", "104"))
    expect(note).to_contain_text(
        "00:05 UTC · open 103.00 · high 105.00 · low 101.00 · close 104.00"
    )
    expect(page.locator("#equity-note")).to_contain_text("100,021.99 now")


def test_the_tabs_work_by_keyboard_and_are_remembered(page: Page, play: Play) -> None:
    play("100", "100")
    day = page.get_by_role("button", name="1 day")
    day.focus()
    page.keyboard.press("Enter")
    expect(day).to_have_attribute("aria-pressed", "true")

    page.reload()
    expect(day).to_have_attribute("aria-pressed", "true")


def test_what_was_skipped_is_shown_and_hidden_in_place(page: Page, play: Play) -> None:
    play(*QUIET, DROP)
    expect(page.locator("#feed")).to_contain_text("Nothing has been bought, sold or refused yet.")
    page.get_by_role("link", name="Show skipped").click()
    expect(page.locator("#feed")).to_contain_text("Skipped: nothing to close — BTC-USD")
    page.get_by_role("link", name="Hide skipped").click()
    expect(page.locator("#feed")).not_to_contain_text("Skipped:")
    assert _is_the_same(page)


def test_a_line_of_the_feed_leads_to_its_receipt(page: Page, play: Play) -> None:
    play(*QUIET, JUMP, "103")
    page.get_by_role("link", name="Bought 24.5098 BTC-USD").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bought 24.5098 BTC-USD at 103.00")
    expect(page.locator("table").first).to_contain_text("at most 3 at once")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(open_page: OpenPage, play: Play, scheme: str) -> None:
    play(*QUIET, JUMP, "103", ("103", "107", "103", "107"), "100", "100", "104", "105")
    phone = open_page(viewport=PHONE, color_scheme=scheme, has_touch=True)
    expect(phone.locator("#candles canvas").first).to_be_visible()
    assert _width(phone) == 390
    phone.locator("#feed a[href^='/decisions/']").first.click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert _width(phone) == 390


def test_the_theme_is_switched_and_remembered(page: Page) -> None:
    light = _background(page)
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Dark theme").click()
    page.keyboard.press("Escape")
    expect(page.locator(".menu-sheet")).to_be_hidden()
    assert _background(page) != light
    page.reload()
    assert _background(page) != light


def test_without_scripts_everything_but_the_charts_is_there(
    open_page: OpenPage, play: Play
) -> None:
    play(*QUIET, JUMP, "103")
    plain = open_page(java_script_enabled=False)
    expect(plain.locator("[data-position]")).to_contain_text("24.5098")
    expect(plain.locator("#feed")).to_contain_text("Bought 24.5098 BTC-USD at 103.00")
    expect(plain.locator("#cards")).to_contain_text("9,997.48")
    expect(plain.locator(".charts")).to_be_hidden()
    plain.get_by_role("link", name="Show skipped").click()
    expect(plain.get_by_role("link", name="Hide skipped")).to_be_visible()


def test_one_signs_in_by_hand_and_out_again(lab: World, open_context: Open) -> None:
    page = open_context(viewport=PHONE).new_page()
    page.goto("/")
    assert _width(page) == 390
    page.get_by_label("Email").fill("Alice@Example.com")
    page.get_by_label("Password").fill("not her password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")

    page.get_by_label("Password").fill("alice-long-password")
    page.keyboard.press("Enter")
    expect(page.locator("#light")).to_have_text("Live")

    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def _width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def _background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
