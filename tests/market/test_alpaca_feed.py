"""The feed of equities: the real alpaca-py client against a server that speaks its protocol."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django import Settings

from apps.execution.live_feeding import LiveVenue
from apps.market.feeds import alpaca as adapter
from apps.market.feeds.alpaca import AlpacaFeed
from apps.market.feeds.ports import Failure, FeedFailed
from apps.market.models import Candle, Instrument, VenueFeed
from apps.market.services import live_feeds
from tests.fakes import MINUTE, MONDAY
from tests.market.conftest import Moment
from tests.market.test_ccxt_feed import Serve
from tests.market.venues.alpaca import (
    DOWN,
    KEY,
    NO_SUBSCRIPTION,
    RATE_LIMITED,
    SECRET,
    UNAUTHORIZED,
    alpaca,
)
from tests.market.venues.server import Reply, VenueServer
from trading.candles import Candle as Bar
from trading.candles import Timeframe
from trading.instruments import AssetClass, InstrumentStatus


@pytest.fixture(autouse=True)
def keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALPACA_API_KEY, settings.ALPACA_SECRET_KEY = KEY, SECRET
    monkeypatch.setattr(adapter, "PAUSE", MINUTE * 0)


def stocks(serve: Serve, **market: object) -> VenueServer:
    return serve("alpaca", alpaca, symbols=("AAPL", "MSFT"), **market)


def ask(
    server: VenueServer, *, minutes: int, symbol: str = "AAPL", source: str = "iex",
    timeframe: Timeframe = Timeframe.M1,
) -> list[Bar]:  # fmt: skip
    feed = AlpacaFeed(source, server.url)
    now = server.market.now()
    row = Instrument(pk=1, symbol=symbol)
    return list(feed.candles([row], timeframe, now - minutes * MINUTE, now)[1])


def test_closed_bars_come_whole_over_all_pages(serve: Serve) -> None:
    server = stocks(serve)

    candles = ask(server, minutes=700)

    assert [item.close_time for item in candles] == [
        MONDAY - number * MINUTE for number in range(699, -1, -1)
    ]
    assert len(server.pages()) == 4  # of 200
    last = server.market.bars(60)[-2]
    assert candles[-1].close == round(Decimal(last.close), 4)
    asked = server.pages()[0]
    assert asked.query["feed"] == "iex"
    assert asked.headers["APCA-API-KEY-ID"] == KEY
    assert asked.headers["APCA-API-SECRET-KEY"] == SECRET


def test_a_minute_without_a_trade_is_absent(serve: Serve) -> None:
    server = stocks(serve, silent={MONDAY - 2 * MINUTE})

    found = [item.open_time for item in ask(server, minutes=3)]

    assert found == [MONDAY - 3 * MINUTE, MONDAY - MINUTE]


def test_crypto_and_hours_come_too(serve: Serve) -> None:
    server = serve("alpaca", alpaca, symbols=("BTC/USD",))

    candles = ask(
        server, minutes=120, symbol="BTC-USD", source="crypto", timeframe=Timeframe.H1
    )  # fmt: skip
    (rules,) = AlpacaFeed("crypto", server.url).rules(["BTC-USD"])

    assert [item.close_time for item in candles] == [MONDAY - 60 * MINUTE, MONDAY]
    assert server.pages()[0].path == "/v1beta3/crypto/us/bars"
    assert (rules.asset_class, rules.base, rules.quote) == (AssetClass.CRYPTO, "BTC", "USD")
    assert rules.quantity_increment == Decimal("0.000000001")
    assert rules.min_quantity == Decimal("0.000016")
    with pytest.raises(FeedFailed, match="DOGE-USD"):
        AlpacaFeed("crypto", server.url).rules(["DOGE-USD"])


def test_the_rules_of_a_share(serve: Serve) -> None:
    server = stocks(serve, halted={"MSFT"})

    apple, microsoft = AlpacaFeed("iex", server.url).rules(["AAPL", "MSFT"])

    assert (apple.base, apple.quote, apple.asset_class) == ("AAPL", "USD", AssetClass.EQUITY)
    assert (apple.price_increment, apple.min_notional) == (Decimal("0.01"), Decimal(1))
    assert (apple.status, microsoft.status) == (InstrumentStatus.TRADING, InstrumentStatus.HALTED)


@pytest.mark.parametrize(
    ("reply", "failure", "words"),
    [
        (RATE_LIMITED, Failure.RATE_LIMITED, "too many"),
        (DOWN, Failure.AWAY, "internal server error"),
        (UNAUTHORIZED, Failure.REFUSED, "forbidden"),
        (NO_SUBSCRIPTION, Failure.REFUSED, "recent SIP data"),
        (Reply("<html>moment</html>"), Failure.NONSENSE, "JSON"),
        (Reply({"bars": {"AAPL": [{"t": "2026-05-31T23:59:00Z", "o": 1}]}}), Failure.NONSENSE, "h"),
    ],
)
def test_what_goes_wrong_is_told_apart_and_at_once(
    serve: Serve, reply: Reply, failure: Failure, words: str
) -> None:
    server = stocks(serve)
    server.instead = [("bars", reply)]

    with pytest.raises(FeedFailed, match=words) as failed:
        ask(server, minutes=3)

    assert failed.value.failure is failure
    assert SECRET not in failed.value.words
    assert len(server.pages()) == 1  # the client's own retries are off


def test_a_server_that_is_gone_is_away(serve: Serve) -> None:
    server = stocks(serve)
    server.close()

    with pytest.raises(FeedFailed) as failed:
        ask(server, minutes=3)

    assert failed.value.failure is Failure.AWAY


def test_an_unknown_share_is_named(serve: Serve) -> None:
    with pytest.raises(FeedFailed, match="DOGE") as failed:
        AlpacaFeed("iex", stocks(serve).url).rules(["DOGE"])

    assert failed.value.failure is Failure.UNKNOWN_SYMBOL


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(FeedFailed, match="iex, sip, delayed_sip, crypto"):
        AlpacaFeed("nyse")


def test_its_pace_is_kept(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = stocks(serve)
    monkeypatch.setattr(adapter, "PAUSE", MINUTE / 300)

    for _ in range(3):
        ask(server, minutes=1)

    times = [item.at for item in server.pages()]
    assert times[-1] - times[0] >= 0.39


@pytest.mark.django_db
def test_without_keys_the_venue_says_which_it_needs(
    serve: Serve, moment: Moment, settings: Settings
) -> None:
    settings.ALPACA_SECRET_KEY = ""
    server = stocks(serve)
    live_feeds.choose("alpaca", kind="alpaca", source="iex", symbols=["AAPL"], now=MONDAY)

    LiveVenue("alpaca", lambda line: None).step(moment.now)

    row = VenueFeed.objects.get()
    assert row.state == "not_configured"
    assert "ALPACA_API_KEY and ALPACA_SECRET_KEY" in row.words
    assert not server.asked


@pytest.mark.django_db
def test_one_row_brings_a_share_and_its_candles(serve: Serve, moment: Moment) -> None:
    stocks(serve)
    live_feeds.choose("alpaca", kind="alpaca", source="iex", symbols=["AAPL"], now=MONDAY)

    LiveVenue("alpaca", lambda line: None).step(moment.now)

    assert VenueFeed.objects.get().state == "well"
    assert Instrument.objects.get().asset_class == AssetClass.EQUITY
    kept = Candle.objects.filter(timeframe="1m").order_by("-open_time")
    assert kept.count() == 600
    assert kept[0].open_time == MONDAY - MINUTE
