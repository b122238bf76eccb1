"""A real Chromium on a real daphne. What it may never do is watched on every page it opens."""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from apps.events.services.relay import relay
from nija.settings import env
from tests import fakes
from tests.fakes import World
from tests.streams.web import Web, cookie_of, on_this_workers_servers, running_web

OpenPage = Callable[..., Page]
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is. Without one the test is skipped, unless NIJA_REQUIRE_BROWSER is set."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    missing = f"no Chromium: none of {', '.join(NAMES)} is on the PATH"
    if env.flag("NIJA_REQUIRE_BROWSER"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="module")
def web(chromium_path: str, django_db_setup: None) -> Iterator[Web]:
    """One daphne for the tests of a module, on this worker's test database and Valkey."""
    with running_web(on_this_workers_servers()) as process:
        yield process


@pytest.fixture
def lab(transactional_db: None) -> World:
    """Alice follows a strategy that is about to buy."""
    return fakes.world()


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """While it is there an event loop runs in this thread; Django has to be told to work in it."""
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(executable_path=chromium_path)
        yield launched
        launched.close()


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[Callable[..., Any]]:
    """Calls a function in another thread: beside a running event loop nothing can be published."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        yield lambda function, *args, **kwargs: thread.submit(function, *args, **kwargs).result()
        thread.submit(connections.close_all).result()


@pytest.fixture
def play(lab: World, elsewhere: Callable[..., Any]) -> Callable[..., None]:
    """Closes minutes at these prices, the next after the last, and has them told."""
    minutes = [fakes.MONDAY]

    def next_minutes(*prices: fakes.Prices) -> None:
        minutes.append(lab.play(*prices, first=minutes[-1]))
        relay()

    return lambda *prices: elsewhere(next_minutes, *prices)


class Watch:
    """What the pages of one context asked for and complained about."""

    def __init__(self, web: Web) -> None:
        self.origin = f"127.0.0.1:{web.port}"
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.is_offline = False  # then a failed request is what we expect

    def over(self, page: Page) -> None:
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("response", lambda answer: self._answered(answer.status, answer.url))
        page.on("console", lambda line: self._said(line.type, line.text))

    def _asked(self, url: str) -> None:
        self.asked.append(url)
        if not url.startswith("data:") and urlsplit(url).netloc != self.origin:
            self.complaints.append(f"another host was asked: {url}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.complaints.append(f"{status} {url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not self.is_offline:
            self.complaints.append(f"console: {text}")


@pytest.fixture
def watch(web: Web) -> Iterator[Watch]:
    """Fails the test if a page complained or spoke to another host."""
    watching = Watch(web)
    yield watching
    assert watching.complaints == []


@pytest.fixture
def open_context(
    browser: Browser, web: Web, watch: Watch, transactional_db: None
) -> Iterator[Callable[..., BrowserContext]]:
    """A fresh profile of the browser, watched; the arguments are Playwright's."""
    contexts = []

    def opened(**options: Any) -> BrowserContext:
        context = browser.new_context(base_url=f"http://127.0.0.1:{web.port}", **options)
        context.set_default_timeout(15_000)
        context.on("page", watch.over)
        contexts.append(context)
        return context

    yield opened
    for context in contexts:
        context.close()
    _wait_for_the_server()


def _wait_for_the_server() -> None:
    """Until it has answered what the pages last asked: the database is emptied next."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)


@pytest.fixture
def open_page(lab: World, web: Web, open_context: Callable[..., BrowserContext]) -> OpenPage:
    """Alice's page, she being signed in already; the arguments are Playwright's."""

    def opened(**options: Any) -> Page:
        context = open_context(**options)
        name, _, value = cookie_of(lab.alice).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{web.port}"}])
        page = context.new_page()
        page.goto("/")
        return page

    return opened
