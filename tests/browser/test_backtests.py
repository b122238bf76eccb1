"""A backtest, from the form to its files, in a browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.events.services.relay import relay
from apps.research.models import BacktestRun
from apps.research.services import running
from tests.browser.conftest import OpenPage
from tests.dashboard.backtesting import asked, computed, swinging
from tests.fakes import World

pytestmark = pytest.mark.browser

Elsewhere = Callable[..., Any]
PHONE = {"width": 390, "height": 844}


def _compute_slowly(pk: int) -> None:
    """As a worker does, with its words relayed as they come."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(running, "SECONDS_BETWEEN_WORDS", 0.0)
        patched.setattr(running, "SECONDS_BETWEEN_EVENTS", 0.0)
        patched.setattr("trading.backtest.engine.TELL_EVERY", 40)
        patched.setattr(running._Word, "progressed", _told(running._Word.progressed))
        running.run(pk, clock=timezone.now)
    relay()


def _told(progressed: Any) -> Any:
    def and_relayed(*arguments: Any) -> None:
        progressed(*arguments)
        relay()

    return and_relayed


def test_a_backtest_is_asked_for_watched_read_and_kept(
    lab: World, open_page: OpenPage, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere(swinging, lab)
    page = open_page(viewport={"width": 1280, "height": 900})
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Backtests").click()
    page.get_by_label("Cash").fill("2000")
    page.locator("select[name=limits]").select_option("none")
    page.get_by_role("button", name="Run the backtest").click()
    expect(page.locator("progress")).to_be_visible()
    expect(page.locator("[data-said]")).to_have_text("waits for a worker")
    (pk,) = BacktestRun.objects.values_list("pk", flat=True)
    _remember_words(page)

    elsewhere(_compute_slowly, pk)
    expect(page.get_by_role("heading", name="Monthly returns, in percent")).to_be_visible()
    words = page.evaluate("JSON.parse(sessionStorage.getItem('words'))")
    assert any(word.endswith("of 480 closes") for word in words), words
    assert page.url.endswith(f"/backtests/{pk}/")
    expect(page.locator(".kicker")).to_contain_text("BACKTEST")
    assert page.locator("svg.candles .mark-entry").count() > 5
    assert page.locator("#trades tbody tr").count() == 50

    page.locator("#trades").get_by_role("link", name="20", exact=True).click()
    expect(page.locator(".mark-chosen title")).to_contain_text("Trade 20: long")
    for link, ending in (("JSON", "json"), ("Trades as CSV", "csv"), ("One HTML file", "html")):
        with page.expect_download() as started:
            page.get_by_role("link", name=link).click()
        kept = tmp_path / f"kept.{ending}"
        started.value.save_as(kept)
        assert started.value.suggested_filename == f"backtest-{pk}.{ending}"
        assert len(kept.read_text()) > 1000
    told = json.loads((tmp_path / "kept.json").read_text())
    assert len((tmp_path / "kept.csv").read_text().splitlines()) == len(told["trades"]) + 1
    assert "<svg" in (tmp_path / "kept.html").read_text()


def _remember_words(page: Page) -> None:
    """All that the line under the bar ever says, over the reload at the end."""
    page.evaluate(
        """() => {
          const words = [];
          new MutationObserver(() => {
            words.push(document.querySelector("[data-said]")?.textContent ?? "");
            sessionStorage.setItem("words", JSON.stringify(words));
          }).observe(document.getElementById("run"), {subtree: true, childList: true,
                                                      characterData: true});
        }"""
    )


def test_the_list_follows_and_keeps_what_is_typed(
    lab: World, open_page: OpenPage, elsewhere: Elsewhere
) -> None:
    elsewhere(swinging, lab)
    run = elsewhere(asked, lab)
    elsewhere(relay)
    page = open_page()
    page.goto("/backtests/")
    page.get_by_label("Cash").fill("777")
    expect(page.locator("#runs")).to_contain_text("waits for a worker")

    elsewhere(computed, run)
    elsewhere(relay)
    expect(page.locator("#runs .state")).to_have_text("done")
    expect(page.get_by_label("Cash")).to_have_value("777")


def test_one_can_cancel(lab: World, open_page: OpenPage, elsewhere: Elsewhere) -> None:
    elsewhere(swinging, lab)
    run = elsewhere(asked, lab)
    page = open_page()
    page.goto(f"/backtests/{run.pk}/")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".kicker")).to_contain_text("CANCELED")
    expect(page.locator("progress")).to_have_count(0)


def test_a_mistake_is_told_beside_its_field(
    lab: World, open_page: OpenPage, elsewhere: Elsewhere
) -> None:
    elsewhere(swinging, lab)
    page = open_page(java_script_enabled=False)
    page.goto("/backtests/")
    page.get_by_label("Cash").fill("lots")
    page.get_by_label("Slow").fill("9")
    page.get_by_role("button", name="Run the backtest").click()
    expect(page.locator("#p-cash")).to_contain_text("NUMBER_NOT_USABLE")
    expect(page.get_by_label("Cash")).to_have_value("lots")
    expect(page.get_by_label("Slow")).to_have_value("9")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(
    lab: World, open_page: OpenPage, elsewhere: Elsewhere, scheme: str
) -> None:
    elsewhere(swinging, lab)
    run = elsewhere(computed, elsewhere(asked, lab))
    phone = open_page(viewport=PHONE, color_scheme=scheme, has_touch=True)
    for path in ("/backtests/", f"/backtests/{run.pk}/"):
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth") == 390, path
