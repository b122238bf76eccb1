"""From a candle, a position and an order to the reason, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.fakes import DROP, JUMP, QUIET

pytestmark = pytest.mark.browser

Play = Callable[..., None]
PHONE = {"width": 390, "height": 844}
PAGES = ["/decisions/", "/orders/", "/closes/"]


def test_a_candle_leads_to_what_was_decided_when_it_closed(open_page: OpenPage, play: Play) -> None:
    play(*QUIET, JUMP)
    page = open_page(viewport={"width": 1280, "height": 900})
    link = page.locator("#candles-note a")
    expect(link).to_have_text("Why?")
    link.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "BTC-USD, 1 Jun 2026, 00:04 to 00:05 UTC"
    )
    expect(page.locator("main")).to_contain_text("Buying 24.5098 BTC-USD at the next price")
    page.get_by_role("link", name="The candle before").click()
    expect(page.locator("main")).to_contain_text(
        "SMA crossover 1.0.0 looked and saw nothing to do."
    )


def test_a_click_on_the_chart_asks_about_the_candle_under_it(
    open_page: OpenPage, play: Play
) -> None:
    play(*QUIET, JUMP)
    page = open_page(viewport={"width": 1280, "height": 900})
    expect(page.locator("#candles-note")).to_contain_text("00:04 UTC")
    box = page.locator("#candles").bounding_box()
    assert box is not None
    for step in range(40):  # from the right: the newest candles stand there
        page.mouse.click(box["x"] + box["width"] - 80 - step * 6, box["y"] + 100)
        page.wait_for_timeout(100)
        if "/closes/" in page.url:
            break
    expect(page.get_by_role("heading", level=1)).to_contain_text("BTC-USD, 1 Jun 2026, 00:0")


def test_decisions_are_narrowed_by_code(open_page: OpenPage, play: Play) -> None:
    play(*QUIET, JUMP, "103", "103", DROP, *["95"] * 4, "92")
    page = open_page(viewport={"width": 1280, "height": 900})
    page.goto("/decisions/")
    page.get_by_label("Because").select_option("NO_POSITION")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr").first).to_contain_text("NO_POSITION")
    expect(page.locator("tbody")).not_to_contain_text("Ordered")
    expect(page.get_by_label("Because")).to_have_value("NO_POSITION")
    with page.expect_download() as kept:
        page.get_by_role("link", name="As CSV").click()
    assert kept.value.suggested_filename == "decisions.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(open_page: OpenPage, play: Play, scheme: str) -> None:
    play(*QUIET, JUMP, "103", ("103", "107", "103", "107"), "100", "100", "104", "105")
    page = open_page(viewport=PHONE, color_scheme=scheme, is_mobile=True)
    links = page.locator("#feed a[href^='/decisions/']").first
    for path in [*PAGES, links.get_attribute("href") or ""]:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
