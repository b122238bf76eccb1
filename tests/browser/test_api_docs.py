"""The page of the API, in a browser that runs nothing inline and asks no other host."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

pytestmark = pytest.mark.browser


def test_the_api_can_be_read(open_context: Callable[..., BrowserContext]) -> None:
    page = open_context().new_page()
    page.goto("/api/docs")

    expect(page.locator("h1, h2").first).to_contain_text("NIJA")
    expect(page.locator("#operations-account-balance")).to_contain_text("/api/v1/account/balance")
    page.locator("#operations-account-balance button").first.click()
    expect(page.locator("#operations-account-balance")).to_contain_text("Cash, equity")
