"""The feed of live exchanges: the real ccxt client against a server that speaks their protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from apps.market.feeds import ccxt as adapter
from apps.market.feeds.ccxt import CcxtFeed
from apps.market.feeds.ports import Failure, FeedFailed
from apps.market.models import Instrument
from nija.settings import env
from tests.fakes import MINUTE, MONDAY
from tests.market.conftest import Moment
from tests.market.venues.kraken import DOWN, PAGE_OF_HTML, RATE_LIMITED, kraken
from tests.market.venues.server import Market, Reply, VenueServer
from trading.candles import Candle, Timeframe
from trading.facts import Fact
from trading.instruments import InstrumentStatus

Serve = Callable[..., VenueServer]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses of a rate limit, which has a test of its own."""
    made = adapter._client

    def client(source: str, base_url: str) -> object:
        pair = made(source, base_url)
        pair[0].rateLimit = 0
        return pair

    monkeypatch.setattr(adapter, "_client", client)


def ask(
    server: VenueServer, source: str, *, minutes: int, symbol: str = "BTC-USD",
    timeframe: Timeframe = Timeframe.M1,
) -> list[Candle]:  # fmt: skip
    """The candles that close in the last so many minutes."""
    feed = CcxtFeed(source, server.url)
    now = server.market.now()
    row = Instrument(pk=1, symbol=symbol)
    return list(feed.candles([row], timeframe, now - minutes * MINUTE, now)[1])


def test_closed_candles_come_whole_and_to_the_last_digit(serve: Serve) -> None:
    server = serve("kraken", kraken)

    candles = ask(server, "kraken", minutes=5)

    assert [item.close_time for item in candles] == [MONDAY - n * MINUTE for n in range(4, -1, -1)]
    last = server.market.bars(60)[-2]
    assert (candles[-1].open, candles[-1].close) == (Decimal(last.open), Decimal(last.close))
    assert str(candles[-1].open).endswith("000000000000001")  # a float has 17 digits


def test_the_forming_candle_and_rows_from_before_are_dropped(serve: Serve) -> None:
    server = serve("kraken", kraken)
    pages: list[int] = []

    def everything(market: Market, path: str, query: dict[str, str]) -> Reply:
        reply = kraken(market, path, {**query, "since": "0"})  # older than Kraken's memory
        pages.append(len(str(reply.body)))
        return reply

    server.protocol = everything

    found = [item.close_time for item in ask(server, "kraken", minutes=3)]

    assert found == [MONDAY - 2 * MINUTE, MONDAY - MINUTE, MONDAY]
    assert pages[-1] > 10_000


def test_kraken_remembers_720_candles_and_the_feed_asks_once(serve: Serve) -> None:
    server = serve("kraken", kraken)

    candles = ask(server, "kraken", minutes=1000)

    assert len(candles) == 719  # the 720th is forming
    assert candles[-1].close_time == MONDAY
    assert len(server.pages()) == 1


def test_a_candle_that_the_venue_has_not_written_yet_is_not_made_up(serve: Serve) -> None:
    server = serve("kraken", kraken, late=timedelta(seconds=30))

    assert [item.close_time for item in ask(server, "kraken", minutes=2)] == [MONDAY - MINUTE]


def test_a_minute_without_a_trade_is_absent_not_zero(serve: Serve) -> None:
    server = serve("kraken", kraken, silent={MONDAY - 2 * MINUTE})

    found = [item.open_time for item in ask(server, "kraken", minutes=3)]

    assert found == [MONDAY - 3 * MINUTE, MONDAY - MINUTE]


def test_hours_come_as_hours(serve: Serve) -> None:
    server = serve("kraken", kraken)

    candles = ask(server, "kraken", minutes=180, timeframe=Timeframe.H1)

    assert [item.close_time for item in candles] == [MONDAY - 2 * HOUR, MONDAY - HOUR, MONDAY]


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (RATE_LIMITED, Failure.RATE_LIMITED),
        (Reply("slow down", status=429), Failure.RATE_LIMITED),
        (DOWN, Failure.AWAY),
        (Reply("no gateway", status=502), Failure.AWAY),
        (PAGE_OF_HTML, Failure.NONSENSE),
        (Reply({"error": [], "result": {"XXBTZUSD": [[1, "2"]]}}), None),
        (Reply({"error": ["EGeneral:Permission denied"]}), Failure.REFUSED),
    ],
)
def test_what_goes_wrong_is_told_apart(serve: Serve, reply: Reply, failure: Failure | None) -> None:
    server = serve("kraken", kraken)
    server.instead.append(("OHLC", reply))

    if failure is None:  # a row from before what was asked for, whatever is in it
        assert ask(server, "kraken", minutes=2) == []
        return
    with pytest.raises(FeedFailed) as failed:
        ask(server, "kraken", minutes=2)

    assert failed.value.failure is failure
    assert "?" not in failed.value.words


def test_an_exchange_that_cannot_be_reached_is_away(serve: Serve) -> None:
    server = serve("kraken", kraken)
    ask(server, "kraken", minutes=1)
    server.close()

    with pytest.raises(FeedFailed) as failed:
        ask(server, "kraken", minutes=2)

    assert failed.value.failure is Failure.AWAY


def test_a_symbol_that_the_exchange_does_not_list_is_named(serve: Serve) -> None:
    server = serve("kraken", kraken)

    with pytest.raises(FeedFailed, match="DOGE/USD") as failed:
        ask(server, "kraken", minutes=2, symbol="DOGE-USD")

    assert failed.value.failure is Failure.UNKNOWN_SYMBOL


def test_an_exchange_that_ccxt_does_not_know_is_named() -> None:
    with pytest.raises(FeedFailed, match="mtgox") as failed:
        CcxtFeed("mtgox")

    assert failed.value.failure is Failure.NOT_CONFIGURED


def test_rows_that_are_no_candles_are_told_and_the_others_kept(serve: Serve) -> None:
    server = serve("kraken", kraken)
    second = int((MONDAY - 2 * MINUTE).timestamp())
    rows = [
        [second - 60, "1", "2", "1", "2", "1", "5", 1],
        [second, "1", "0.5", "1", "2", "1", "5", 1],  # the high is below the low
        [second + 60, "1", "2", "1", None, "1", "5", 1],  # no close: unknown is not zero
    ]
    server.instead.append(("OHLC", Reply({"error": [], "result": {"XXBTZUSD": rows}})))

    with pytest.raises(FeedFailed) as failed:
        ask(server, "kraken", minutes=3)

    assert failed.value.failure is Failure.NONSENSE
    assert "a value is missing at 2026-05-31 23:59" in failed.value.words
    assert "the high is below the low" in failed.value.words
    assert [item.open_time for item in failed.value.kept] == [MONDAY - 3 * MINUTE]


def test_the_rules_of_an_instrument_are_the_exchanges(serve: Serve) -> None:
    server = serve("kraken", kraken, halted={"ETH-USD"})

    bitcoin, ether = CcxtFeed("kraken", server.url).rules(["BTC-USD", "ETH-USD"])

    assert (bitcoin.base, bitcoin.quote, bitcoin.symbol) == ("BTC", "USD", "BTC-USD")
    assert bitcoin.price_increment == Decimal("0.1")
    assert bitcoin.quantity_increment == Decimal("0.00000001")
    assert bitcoin.min_quantity == Decimal("0.00005")
    assert bitcoin.min_notional == Decimal("0.5")
    assert (bitcoin.maker_fee, bitcoin.taker_fee) == (Decimal("0.0025"), Decimal("0.004"))
    assert (bitcoin.status, ether.status) == (InstrumentStatus.TRADING, InstrumentStatus.HALTED)


def test_the_rate_limit_of_the_exchange_is_kept(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve("kraken", kraken)
    feed = CcxtFeed("kraken", server.url)
    feed.rules(["BTC-USD"])
    feed._client.rateLimit = 200  # milliseconds; Kraken's own is 1000

    for _ in range(3):
        feed.candles([Instrument(pk=1, symbol="BTC-USD")], Timeframe.M1, MONDAY - MINUTE, MONDAY)

    times = [item.at for item in server.pages()]
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(times))


def test_it_provides_candles_and_says_which(serve: Serve, moment: Moment) -> None:
    feed = CcxtFeed("kraken", serve("kraken", kraken).url)

    assert feed.provides == {Fact.CANDLES}
    assert feed.offers(Timeframe.M5)
    assert not feed.offers(Timeframe.M3)
    assert feed.next_close([], Timeframe.M1, moment.now) == MONDAY + MINUTE


def test_who_needs_no_live_feed_does_not_load_its_library() -> None:
    code = (
        "import sys, django; django.setup();"
        "import apps.execution.live_feeding, apps.market.admin, apps.market.feeds.registry;"
        "print(sorted({'ccxt', 'alpaca', 'pandas'} & set(sys.modules)))"
    )
    nowhere = {"DATABASE_URL": "postgresql://nobody@localhost/none", "REDIS_URL": "redis://none"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**env.inherited(), **nowhere, "DJANGO_SETTINGS_MODULE": "nija.settings.test"},
    )  # fmt: skip
    assert ran.stdout.strip() == "[]"
