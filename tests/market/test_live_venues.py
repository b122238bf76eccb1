"""A live venue from one row to a position: through the real client, over HTTP, without a key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import Refused
from apps.execution.live_feeding import SETTLE, LiveVenue
from apps.execution.models import Position
from apps.market import selectors
from apps.market.models import (
    Candle,
    CandleGap,
    CandleQuality,
    CandleRevision,
    Feed,
    Instrument,
    VenueFeed,
)
from apps.market.services import clock, live_feeds
from apps.strategies.models import Run
from tests import fakes
from tests.fakes import HOUR, MINUTE, MONDAY
from tests.journeys.processes import Child, wait_until
from tests.market.conftest import Moment
from tests.market.test_ccxt_feed import unhurried  # noqa: F401 - a fixture
from tests.market.venues import binance
from tests.market.venues.kraken import DOWN, RATE_LIMITED, kraken
from tests.market.venues.server import Reply, VenueServer
from trading.candles import Timeframe

Serve = Callable[..., VenueServer]

pytestmark = pytest.mark.django_db


def choose(*symbols: str, source: str = "kraken", kind: str = "ccxt") -> VenueFeed:
    return live_feeds.choose(
        source, kind=kind, source=source, symbols=symbols or ["BTC-USD"], now=MONDAY
    )


def step(moment: Moment, venue: str = "kraken") -> datetime:
    return LiveVenue(venue, lambda line: None).step(moment.now)


def row() -> VenueFeed:
    return VenueFeed.objects.get()


def minutes(symbol: str = "BTC-USD") -> list[datetime]:
    rows = Candle.objects.filter(instrument__symbol=symbol, timeframe="1m").order_by("open_time")
    return list(rows.values_list("open_time", flat=True))


def test_one_row_brings_instruments_candles_and_the_time(serve: Serve, moment: Moment) -> None:
    serve("kraken", kraken)
    choose("BTC-USD", "eth-usd")

    due = step(moment)

    assert due == MONDAY + MINUTE + SETTLE
    assert row().state == "well"
    assert row().answered_at == moment.now
    assert selectors.market_now("kraken") == moment.now
    bitcoin, ether = Instrument.objects.order_by("symbol")
    assert (bitcoin.price_increment, bitcoin.quantity_increment) == (
        Decimal("0.1"), Decimal("0.00000001"),
    )  # fmt: skip
    assert ether.symbol == "ETH-USD"
    assert minutes()[-1] == MONDAY - MINUTE
    assert len(minutes()) == len(minutes("ETH-USD")) == 600
    assert Candle.objects.filter(instrument=bitcoin, timeframe="1h").count() >= 20


def test_every_close_is_asked_for_once_and_runs_the_strategy_once(
    serve: Serve, moment: Moment
) -> None:
    server = serve("kraken", kraken)
    choose()
    step(moment)
    version = fakes.version([Instrument.objects.get()])
    asked = len(server.pages())

    for _ in range(3):
        moment.now += MINUTE
        step(moment)

    assert minutes()[-1] == MONDAY + 2 * MINUTE
    assert len(server.pages()) - asked == 3
    runs = Run.objects.filter(version=version, status=Run.Status.COMPLETED)
    assert list(runs.order_by("candle_close_time").values_list("candle_close_time", flat=True)) == [
        MONDAY + n * MINUTE for n in (1, 2, 3)
    ]


def test_paper_trading_on_a_live_market_needs_no_key(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    # It has been wilder before: else the jump would be more than an account may bear.
    for hours in range(1, 8):
        server.market.changed[MONDAY - hours * HOUR] = "150"
    choose()
    step(moment)
    version = fakes.version([Instrument.objects.get()])
    alice = fakes.user("alice")
    kraken_venue = Instrument.objects.get().venue
    fakes.subscribe(alice, version, fakes.account(alice, kraken_venue))
    server.market.changed[MONDAY + MINUTE] = "130"  # a jump, on which the strategy enters

    for _ in range(4):
        moment.now += MINUTE
        step(moment)

    assert Position.objects.get().user == alice
    assert not any("key" in name.lower() for asked in server.asked for name in asked.headers)


def test_an_outage_is_a_visible_state_and_then_made_good(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    choose()
    step(moment)
    version = fakes.version([Instrument.objects.get()])
    server.instead = [("OHLC", DOWN)] * 3

    waits = []
    for _ in range(3):
        moment.now += 5 * MINUTE
        waits.append(step(moment) - moment.now)

    assert waits == [timedelta(seconds=n) for n in (5, 10, 20)]
    assert (row().state, row().failures) == ("away", 3)
    assert row().state_since == MONDAY + 5 * MINUTE + SETTLE
    assert "Unavailable" in row().words
    moment.now += MINUTE
    step(moment)

    assert minutes()[-600:] == [MONDAY + n * MINUTE for n in range(16 - 600, 16)]
    assert (row().state, row().failures, row().words) == ("well", 0, "")
    # The newest is acted on, the others are written down as too late: none is silently absent.
    closes = Run.objects.filter(version=version).order_by("candle_close_time")
    found = list(closes.values_list("candle_close_time", "status"))
    assert found[-1] == (MONDAY + 16 * MINUTE, "completed")
    assert {status for _, status in found[:-1]} == {"missed"}
    assert [close for close, _ in found[-16:]] == [MONDAY + n * MINUTE for n in range(1, 17)]


def test_a_venue_that_limits_us_is_left_alone(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    choose()
    server.instead = [("OHLC", RATE_LIMITED)]

    due = step(moment)
    asked = len(server.asked)
    moment.now += timedelta(seconds=10)

    assert step(moment) == due == MONDAY + SETTLE + timedelta(seconds=30)
    assert len(server.asked) == asked
    assert row().state == "rate_limited"


def test_a_venue_that_names_a_time_is_not_asked_before_it(serve: Serve, moment: Moment) -> None:
    server = serve("binance", binance.binance)
    choose(source="binance")
    slow_down = {"code": -1003, "msg": "Way too many requests"}
    server.instead = [("klines", Reply(slow_down, status=418, headers={"Retry-After": "90"}))]

    assert step(moment, "binance") - moment.now == timedelta(seconds=90)


def test_a_backoff_has_an_end(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    choose()
    server.instead = [("OHLC", DOWN)] * 20

    for _ in range(20):
        moment.now = step(moment)

    assert step(moment) - moment.now <= live_feeds.LONGEST_BACKOFF


def test_a_candle_that_is_late_is_asked_for_again_soon(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    choose()
    step(moment)
    server.market.late = timedelta(seconds=6)
    moment.now += MINUTE

    assert step(moment) == moment.now + timedelta(seconds=5)
    assert minutes()[-1] == MONDAY - MINUTE
    moment.now += timedelta(seconds=5)
    assert step(moment) == MONDAY + 2 * MINUTE + SETTLE
    assert minutes()[-1] == MONDAY


def test_one_instrument_that_is_nonsense_does_not_stop_the_others(
    serve: Serve, moment: Moment
) -> None:
    server = serve("kraken", kraken)
    choose("BTC-USD", "ETH-USD")
    step(moment)
    moment.now += MINUTE
    opened = int(MONDAY.timestamp())
    nonsense = {"XXBTZUSD": [[opened, "0", "0", "0", "0", "0", "0", 0]]}
    server.instead = [("OHLC", Reply({"error": [], "result": nonsense}))]

    step(moment)

    assert minutes("ETH-USD")[-1] == MONDAY
    assert minutes("BTC-USD")[-1] == MONDAY - MINUTE
    assert row().state == "nonsense"
    assert "not above zero" in row().words
    moment.now += timedelta(seconds=5)
    step(moment)
    assert minutes("BTC-USD")[-1] == MONDAY
    assert row().state == "well"


def test_what_the_venue_does_not_have_is_a_gap_that_shows(serve: Serve, moment: Moment) -> None:
    silent = {MONDAY - 30 * MINUTE, MONDAY - 29 * MINUTE}
    server = serve("kraken", kraken, silent=silent)
    choose()

    step(moment)

    gap = CandleGap.objects.get()
    assert (gap.first_open, gap.candles) == (MONDAY - 30 * MINUTE, 2)
    assert CandleQuality.objects.get().missing == 2
    server.market.silent.clear()  # the venue has found them
    moment.now += 6 * MINUTE
    step(moment)
    assert minutes() == [MONDAY + n * MINUTE for n in range(-600, 6)]
    gap.refresh_from_db()
    assert (gap.asked, gap.filled_at) == (1, moment.now)


def test_a_gap_of_an_outage_is_there_while_it_lasts(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    choose()
    step(moment)
    server.instead = [("OHLC", DOWN)]
    moment.now += 4 * MINUTE

    step(moment)

    assert CandleGap.objects.get(filled_at=None).candles == 3  # the newest is only late yet
    moment.now += MINUTE
    step(moment)
    assert not CandleGap.objects.filter(filled_at=None).exists()


def test_a_candle_that_the_venue_corrects_is_kept_as_a_revision(
    serve: Serve, moment: Moment
) -> None:
    server = serve("kraken", kraken)
    choose()
    step(moment)
    seen = Candle.objects.get(timeframe="1m", open_time=MONDAY - MINUTE).close
    server.market.changed[MONDAY - MINUTE] = "111"
    moment.now += MINUTE

    step(moment)

    assert CandleRevision.objects.get(timeframe="1m").close == 111
    assert Candle.objects.get(timeframe="1m", open_time=MONDAY - MINUTE).close == seen


def test_an_unknown_symbol_is_told_and_nothing_is_made_up(serve: Serve, moment: Moment) -> None:
    serve("kraken", kraken)
    choose("DOGE-USD")

    step(moment)

    assert row().state == "unknown_symbol"
    assert not Instrument.objects.exists()


def test_an_instrument_that_the_venue_halts_is_halted_here(serve: Serve, moment: Moment) -> None:
    server = serve("kraken", kraken)
    choose()
    step(moment)
    Instrument.objects.update(taker_fee=Decimal("0.001"))  # staff: this account pays less
    server.market.halted.add("BTC-USD")
    moment.now += timedelta(hours=7)

    step(moment)

    assert Instrument.objects.get().status == "halted"
    assert Instrument.objects.get().taker_fee == Decimal("0.001")


def test_a_strategy_that_looks_further_back_gets_its_history(serve: Serve, moment: Moment) -> None:
    serve("kraken", kraken)
    choose()
    step(moment)
    fakes.version([Instrument.objects.get()], parameters={"fast": 2, "slow": 690})
    moment.now += MINUTE
    step(moment)
    assert len(minutes()) == 601

    choose()  # saved anew
    step(moment)

    assert len(minutes()) >= 691
    assert minutes() == [minutes()[0] + n * MINUTE for n in range(len(minutes()))]


def test_a_recording_cannot_become_a_live_market() -> None:
    fakes.venue("lab")
    clock.simulate("lab", feed=Feed.REPLAY, seconds_per_candle=1)

    with pytest.raises(Refused) as refused:
        choose(source="lab")

    assert refused.value.code == "VENUE_IS_SIMULATED"


def test_staff_choose_a_live_feed_by_one_row(serve: Serve, moment: Moment) -> None:
    serve("kraken", kraken)
    client = Client()
    client.force_login(fakes.user("olga", is_staff=True, is_superuser=True))
    form = {"code": "kraken", "kind": "ccxt", "source": "kraken", "is_on": "on"}

    empty = client.post(reverse("admin:market_venuefeed_add"), {**form, "symbols": " , "})
    saved = client.post(reverse("admin:market_venuefeed_add"), {**form, "symbols": "btc-usd"})

    assert empty.status_code == 200
    assert saved.status_code == 302
    step(moment)
    page = client.get(reverse("admin:market_venuefeed_changelist")).content.decode()
    assert "well" in page
    assert row().symbols == ["BTC-USD"]
    client.post(
        reverse("admin:market_venuefeed_change", args=["kraken"]),
        {"kind": "ccxt", "source": "kraken", "symbols": "BTC-USD,ETH-USD"},
    )
    assert (row().symbols, row().is_on) == (["BTC-USD", "ETH-USD"], False)
    assert selectors.live_venues() == []


def test_the_command_asks_once(serve: Serve, moment: Moment) -> None:
    moment.now = timezone.now()
    serve("kraken", kraken, first=moment.now - timedelta(hours=3))
    choose()

    call_command("feed", "--once", verbosity=0)

    assert row().state == "well"


@pytest.mark.django_db(transaction=True)
def test_the_process_plays_a_row_that_is_saved_while_it_runs(
    serve: Serve, moment: Moment, child_environment: Mapping[str, str], tmp_path: Path
) -> None:
    moment.now = timezone.now()
    server = serve("kraken", kraken, first=moment.now - timedelta(hours=3))
    environment = {**child_environment, "MARKET_FEED_URLS": f"kraken={server.url}"}
    feed = Child("feed", (sys.executable, "manage.py", "feed"), environment, tmp_path)
    try:
        feed.wait_for_line("feed ready: nothing to play yet")
        live_feeds.choose(
            "kraken", kind="ccxt", source="kraken", symbols=["BTC-USD"], now=moment.now
        )
        wait_until(lambda: row().state == "well", "the feed is well", seconds=60)
        feed.process.terminate()

        assert feed.process.wait(timeout=10) == 0
    finally:
        feed.end()
    assert Candle.objects.filter(timeframe=Timeframe.M1).exists()
