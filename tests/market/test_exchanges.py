"""The same questions to every exchange: each pages, orders and fails in a way of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.market.feeds.ccxt import CcxtFeed
from apps.market.feeds.ports import Failure, FeedFailed
from tests.fakes import MINUTE, MONDAY
from tests.market.test_ccxt_feed import Serve, ask, unhurried  # noqa: F401 - a fixture
from tests.market.venues import binance, coinbase, kraken, okx
from tests.market.venues.server import Protocol, Reply
from trading.instruments import InstrumentStatus


@dataclass(frozen=True)
class Exchange:
    source: str
    protocol: Protocol
    rate_limited: Reply
    down: Reply
    increments: tuple[str, str]
    min_notional: str
    pages_for_700: int
    reaches_back: int  # candles


EXCHANGES = [
    Exchange(
        "kraken", kraken.kraken, kraken.RATE_LIMITED, kraken.DOWN,
        ("0.1", "0.00000001"), "0.5", 1, 719,
    ),
    Exchange(
        "binance", binance.binance, binance.RATE_LIMITED, binance.DOWN,
        ("0.01", "0.00001"), "5", 1, 1100,
    ),
    Exchange(
        "coinbase", coinbase.coinbase, coinbase.RATE_LIMITED, coinbase.DOWN,
        ("0.01", "0.00000001"), "1", 3, 1100,
    ),
    Exchange(
        "okx", okx.okx, okx.RATE_LIMITED, okx.DOWN,
        ("0.1", "0.00000001"), "10", 3, 1100,
    ),
]  # fmt: skip

every_exchange = pytest.mark.parametrize("at", EXCHANGES, ids=lambda item: item.source)


@every_exchange
def test_what_closed_comes_once_in_order_and_to_the_last_digit(at: Exchange, serve: Serve) -> None:
    server = serve(at.source, at.protocol)

    candles = ask(server, at.source, minutes=700)

    assert [item.close_time for item in candles] == [
        MONDAY - number * MINUTE for number in range(699, -1, -1)
    ]
    told = {bar.opened: bar for bar in server.market.bars(60)}
    for item in candles:
        bar = told[int(item.open_time.timestamp())]
        assert (item.open, item.high, item.low, item.close, item.volume) == tuple(
            map(Decimal, (bar.open, bar.high, bar.low, bar.close, bar.volume))
        )
    assert len(server.pages()) == at.pages_for_700


@every_exchange
def test_it_goes_back_as_far_as_the_exchange_does(at: Exchange, serve: Serve) -> None:
    server = serve(at.source, at.protocol)

    candles = ask(server, at.source, minutes=1100)

    assert len(candles) == at.reaches_back
    assert candles[-1].close_time == MONDAY


@every_exchange
def test_hours_of_silence_are_passed_over_and_not_filled(at: Exchange, serve: Serve) -> None:
    silent = {MONDAY - number * MINUTE for number in range(10, 650)}
    server = serve(at.source, at.protocol, silent=silent)

    candles = ask(server, at.source, minutes=700)

    assert len(candles) == 700 - 640
    assert candles[-1].close_time == MONDAY


@every_exchange
@pytest.mark.parametrize("failure", [Failure.RATE_LIMITED, Failure.AWAY])
def test_its_ways_to_fail_are_understood(at: Exchange, serve: Serve, failure: Failure) -> None:
    server = serve(at.source, at.protocol)
    reply = at.rate_limited if failure is Failure.RATE_LIMITED else at.down
    words = ("ohlc", "klines", "candles")
    server.instead = [(word, reply) for word in (*words, "OHLC")]

    with pytest.raises(FeedFailed) as failed:
        ask(server, at.source, minutes=5)

    assert failed.value.failure is failure


def test_the_time_that_a_venue_asks_for_is_heard(serve: Serve) -> None:
    server = serve("binance", binance.binance)
    server.instead = [("klines", binance.RATE_LIMITED)]

    with pytest.raises(FeedFailed) as failed:
        ask(server, "binance", minutes=5)

    assert failed.value.retry_after == timedelta(seconds=17)


@every_exchange
def test_an_unlisted_symbol_is_named(at: Exchange, serve: Serve) -> None:
    server = serve(at.source, at.protocol)

    with pytest.raises(FeedFailed, match="DOGE") as failed:
        ask(server, at.source, minutes=5, symbol="DOGE-USD")

    assert failed.value.failure is Failure.UNKNOWN_SYMBOL


@every_exchange
def test_its_increments_minimums_and_halts_are_read(at: Exchange, serve: Serve) -> None:
    server = serve(at.source, at.protocol, halted={"ETH-USD"})

    bitcoin, ether = CcxtFeed(at.source, server.url).rules(["BTC-USD", "ETH-USD"])

    assert (bitcoin.price_increment, bitcoin.quantity_increment) == tuple(
        map(Decimal, at.increments)
    )
    assert bitcoin.min_notional == Decimal(at.min_notional)
    assert bitcoin.min_quantity >= bitcoin.quantity_increment
    assert 0 < bitcoin.taker_fee < Decimal("0.02")
    assert (bitcoin.status, ether.status) == (InstrumentStatus.TRADING, InstrumentStatus.HALTED)


@pytest.mark.parametrize("at", EXCHANGES[1:], ids=lambda item: item.source)  # Kraken has one page
def test_a_page_that_breaks_off_keeps_the_pages_before_it(at: Exchange, serve: Serve) -> None:
    server = serve(at.source, at.protocol, first=MONDAY - timedelta(hours=30))

    def breaks_off(market: object, path: str, query: dict[str, str]) -> Reply:
        reply = at.protocol(server.market, path, query)
        return at.down if len(server.pages()) == 2 else reply

    server.protocol = breaks_off

    with pytest.raises(FeedFailed) as failed:
        ask(server, at.source, minutes=1500)

    kept = failed.value.kept
    assert len(kept) >= 290
    assert kept[0].close_time == MONDAY - 1499 * MINUTE
