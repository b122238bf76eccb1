"""The lists of the API in parts, and what they cost."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.execution.listing import (
    BY_CURSOR,
    BY_NUMBER,
    KEYS,
    ask,
    fifty_of_each,
    listed,
    stopped_out,
)
from tests.fakes import World

OF_AN_ACCOUNT = [
    "account/balance", "account/positions", "account/performance", "account/stats",
    "account/equity", "candles?instrument=BTC-USD",
]  # fmt: skip


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return stopped_out()


@pytest.mark.parametrize("path", BY_CURSOR)
def test_pages_by_cursor_miss_and_repeat_nothing(lab: World, alice: Client, path: str) -> None:
    fifty_of_each(lab)
    key = "order_id" if path == "orders" else "id"
    whole = [row[key] for row in listed(alice, path, per_page=100)]
    seen: list[Any] = []
    query: dict[str, str | int] = {"per_page": 20}
    while True:
        data = ask(alice, path, query)
        seen += [row[key] for row in data[KEYS[path]]]
        if not data["pagination"]["has_next"]:
            break
        query["cursor"] = data["pagination"]["next_cursor"]

    assert data["pagination"]["next_cursor"] is None
    assert seen == whole
    assert len(set(seen)) == len(seen) > 50


@pytest.mark.parametrize("path", BY_NUMBER)
def test_pages_by_number_count_what_there_is(lab: World, alice: Client, path: str) -> None:
    fifty_of_each(lab)
    second = ask(alice, path, {"page": 2, "per_page": 30})
    assert len(second[KEYS[path]]) == 21
    assert second["pagination"] == {
        "page": 2, "per_page": 30, "total_items": 51, "total_pages": 2,
        "has_next": False, "has_prev": True,
    }  # fmt: skip


@pytest.mark.parametrize("path", [*KEYS, *OF_AN_ACCOUNT])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    lab: World, alice: Client, path: str
) -> None:
    few = _queries(alice, path)
    fifty_of_each(lab)
    many = _queries(alice, path)

    assert len(many) == len(few) <= 12, many
    if path in KEYS:
        assert len(listed(alice, path)) == 50


def _queries(browser: Client, path: str) -> Sequence[str]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask(browser, path, {})
    return [query["sql"] for query in asked.captured_queries]
