"""A candle that does several things to one order, broken off after each of its commits: it does
each of them once."""

from functools import partial
from typing import Any

import pytest
from django.core.management import call_command

from apps.execution.models import Fill, Order, Trade
from apps.execution.pipeline import close_candles
from apps.market.models import MarketClock
from tests.execution.entries import waiting
from tests.fakes import Prices, write
from tests.journeys.dying import deaths_until_done

pytestmark = pytest.mark.django_db(transaction=True)

THIN = "100"
AT_101 = {"order_type": "limit", "limit_price": 101}
TRAILING = {"stop_trailing_offset": 2, "stop_trailing_offset_type": "price"}
LADDER = {"ladder": {"rungs": [["1", "0.5"]], "break_even_after": 1}}
SCENES: dict[str, tuple[dict[str, Any], list[tuple[Prices, str]], list[str]]] = {
    "parts, then a stop in the candle of the second": (
        {}, [("102.5", THIN), (("102", "102", "98", "101"), THIN)],
        ["buy 10 at 102.5", "buy 10 at 102", "sell 20 at 99.96"],
    ),
    "entered inside a candle, stopped inside it": (
        AT_101, [(("102", "102", "97", "101"), "1000")],
        ["buy 24.5098 at 101", "sell 24.5098 at 99.96"],
    ),
    "a part inside a candle, and all of it stopped inside the next": (
        AT_101, [(("102", "102", "100.5", "102"), THIN), (("102", "102", "97", "101"), THIN)],
        ["buy 10 at 101", "sell 10 at 99.96"],
    ),
    "a trailing stop that follows, and is met by the candle after": (
        TRAILING,
        [("102.5", "1000"), (("103", "105", "102.5", "104.5"), "1000"), ("103.5", "1000"),
         (("103.5", "103.5", "102", "103"), "1000")],
        ["buy 24.5098 at 102.5", "sell 24.5098 at 103"],
    ),
    # The stop is moved to 102.5 by a candle whose low was 101, and is met by the open after it.
    "a rung, its stop moved to the entry, and met": (
        LADDER,
        [("102.5", "1000"), (("102.5", "103.5", "102.5", "103"), "1000"),
         (("103", "103", "101", "102.6"), "1000"), (("102", "102.3", "102", "102.2"), "1000")],
        ["buy 24.5098 at 102.5", "sell 12.2549 at 103", "sell 12.2549 at 102"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
def test_dying_after_any_commit_of_an_order_changes_nothing(scene: str) -> None:
    columns, candles, expected = SCENES[scene]
    lab, opened = waiting(**columns)
    deaths = 0

    for prices, volume in candles:
        opened = write(lab.instrument, [prices], opened, volume)
        MarketClock.objects.update(now=opened)
        deaths += deaths_until_done(partial(close_candles, lab.venue.code, opened))

    assert deaths > 2
    assert [_said(fill) for fill in Fill.objects.order_by("id")] == expected
    assert Trade.objects.count() == 1
    assert not Order.objects.filter(status__in=["accepted", "partially_filled"]).exists()
    call_command("check_ledger")


def _said(fill: Fill) -> str:
    return f"{fill.side} {fill.quantity.normalize():f} at {fill.price.normalize():f}"
