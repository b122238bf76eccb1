"""US equities, and crypto, from Alpaca: its keys are free, but nothing is told without them. Loaded
only where it is in use: it brings pandas along.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import requests
from alpaca.common.exceptions import APIError
from alpaca.data.enums import DataFeed
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.requests import CryptoBarsRequest, StockBarsRequest
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import AssetClass as AlpacaClass
from alpaca.trading.requests import GetAssetsRequest
from django.conf import settings
from requests.adapters import HTTPAdapter

from apps.market.feeds.pages import Row, gather
from apps.market.feeds.ports import Failure, FeedFailed
from apps.market.models import Instrument
from trading.candles import Candle, Timeframe, next_close
from trading.facts import Fact
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus

TIMEOUT = timedelta(seconds=10)
PAUSE = timedelta(milliseconds=310)  # 200 questions a minute are free
PAGE_SIZE = 10_000
LONGEST = Timeframe.H1  # longer bars begin at a midnight of New York
CRYPTO = "crypto"
SOURCES = ("iex", "sip", "delayed_sip", CRYPTO)
MIN_NOTIONAL = Decimal(1)
# What Alpaca charges: nothing for equities, the first tier for crypto.
EQUITY_FEE = Decimal(0)
CRYPTO_FEES = (Decimal("0.0015"), Decimal("0.0025"))
EQUITY_TICK, WHOLE_SHARE, FRACTION = Decimal("0.01"), Decimal(1), Decimal("0.000000001")


class AlpacaFeed:
    code = "alpaca"
    provides = frozenset({Fact.CANDLES})

    def __init__(self, source: str, base_url: str = "") -> None:
        """`source` is a feed of equities, or `crypto`. Raises FeedFailed NOT_CONFIGURED."""
        if source not in SOURCES:
            known = ", ".join(SOURCES)
            raise FeedFailed(Failure.NOT_CONFIGURED, f"Alpaca has no '{source}'. Known: {known}.")
        key, secret = settings.ALPACA_API_KEY, settings.ALPACA_SECRET_KEY
        if not key or not secret:
            raise FeedFailed(
                Failure.NOT_CONFIGURED,
                "Alpaca needs keys, a paper account's will do: set ALPACA_API_KEY and "
                "ALPACA_SECRET_KEY in the environment.",
            )
        self.source = source
        self._bars, self._assets, self._pace = _clients(
            source, base_url, key, secret, settings.ALPACA_PAPER
        )

    def offers(self, timeframe: Timeframe) -> bool:
        return timeframe.minutes <= LONGEST.minutes

    def candles(
        self,
        instruments: Sequence[Instrument],
        timeframe: Timeframe,
        after: datetime,
        until: datetime,
    ) -> Mapping[int, Sequence[Candle]]:
        def of(symbol: str) -> list[Candle]:
            def fetch(since: datetime) -> list[Row]:
                with self._asking():
                    return [_row(bar) for bar in self._ask(symbol, timeframe, since, until)]

            return gather(fetch, timeframe, after, until, PAGE_SIZE)

        return {item.pk: of(self._theirs(item.symbol)) for item in instruments}

    def next_close(
        self, instruments: Sequence[Instrument], timeframe: Timeframe, after: datetime
    ) -> datetime | None:
        return next_close(after, timeframe)

    def rules(self, symbols: Sequence[str]) -> Sequence[InstrumentRules]:
        with self._asking():
            if self.source != CRYPTO:
                return [_equity(symbol, self._assets.get_asset(symbol)) for symbol in symbols]
            listed = self._assets.get_all_assets(GetAssetsRequest(asset_class=AlpacaClass.CRYPTO))
            by_symbol = {asset["symbol"]: asset for asset in listed}
            missing = [symbol for symbol in symbols if self._theirs(symbol) not in by_symbol]
            if missing:
                names = ", ".join(missing)
                raise FeedFailed(Failure.UNKNOWN_SYMBOL, f"Alpaca does not list {names}")
            return [_crypto(symbol, by_symbol[self._theirs(symbol)]) for symbol in symbols]

    def _ask(
        self, symbol: str, timeframe: Timeframe, since: datetime, until: datetime
    ) -> list[dict[str, Any]]:
        said = {"symbol_or_symbols": symbol, "timeframe": _length(timeframe)}
        span = {"start": since, "end": until}
        if self.source == CRYPTO:
            found = self._bars.get_crypto_bars(CryptoBarsRequest(**said, **span))
        else:
            feed = DataFeed(self.source)
            found = self._bars.get_stock_bars(StockBarsRequest(**said, **span, feed=feed))
        return list(found.get(symbol) or [])

    def _theirs(self, symbol: str) -> str:
        return symbol.replace("-", "/", 1) if self.source == CRYPTO else symbol

    @contextmanager
    def _asking(self) -> Iterator[None]:
        with self._pace:
            try:
                yield
            except APIError as error:
                raise _failed(error) from error
            except requests.JSONDecodeError as error:
                raise FeedFailed(Failure.NONSENSE, "Alpaca did not answer in JSON") from error
            except requests.RequestException as error:
                raise FeedFailed(Failure.AWAY, f"Alpaca: {type(error).__name__}") from error
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                words = f"Alpaca: {type(error).__name__}: {error}"[:200]
                raise FeedFailed(Failure.NONSENSE, words) from error


class _Pace:
    """One question at a time, and not too soon after the one before."""

    def __init__(self) -> None:
        self._lock, self._last = threading.Lock(), 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        left = self._last + PAUSE.total_seconds() - time.monotonic()
        if left > 0:
            time.sleep(left)

    def __exit__(self, *_: object) -> None:
        self._last = time.monotonic()
        self._lock.release()


class _Timed(HTTPAdapter):
    """The client itself waits for ever."""

    def send(self, *arguments: Any, **named: Any) -> requests.Response:
        return super().send(*arguments, **{**named, "timeout": TIMEOUT.total_seconds()})


@lru_cache
def _clients(
    source: str,
    base_url: str,
    key: str,
    secret: str,
    is_paper: bool,  # noqa: FBT001 - a cache key
) -> tuple[Any, Any, _Pace]:
    bars_client = CryptoHistoricalDataClient if source == CRYPTO else StockHistoricalDataClient
    # Raw: their models would cost more than the answer.
    bars = bars_client(key, secret, raw_data=True, url_override=base_url or None)
    assets = TradingClient(
        key, secret, raw_data=True, paper=is_paper, url_override=base_url or None
    )
    for client in (bars, assets):
        client._retry = 0  # noqa: SLF001 - how long to wait is ours to say, and visible
        for scheme in ("http://", "https://"):
            client._session.mount(scheme, _Timed())  # noqa: SLF001
    return bars, assets, _Pace()


def _failed(error: APIError) -> FeedFailed:
    status = error.status_code or 0
    words = f"Alpaca: {status}: {error}"[:200]
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FeedFailed(Failure.RATE_LIMITED, words)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FeedFailed(Failure.AWAY, words)
    if status == HTTPStatus.NOT_FOUND:
        return FeedFailed(Failure.UNKNOWN_SYMBOL, words)
    return FeedFailed(Failure.REFUSED, words)


def _row(bar: Mapping[str, Any]) -> Row:
    values = tuple(None if bar[name] is None else Decimal(str(bar[name])) for name in "ohlcv")
    return Row(datetime.fromisoformat(bar["t"]), values)


def _length(timeframe: Timeframe) -> TimeFrame:
    if timeframe is Timeframe.H1:
        return TimeFrame(1, TimeFrameUnit.Hour)
    return TimeFrame(timeframe.minutes, TimeFrameUnit.Minute)


def _equity(symbol: str, asset: Mapping[str, Any]) -> InstrumentRules:
    step = FRACTION if asset["fractionable"] else WHOLE_SHARE
    return InstrumentRules(
        symbol=symbol, base=symbol, quote="USD", asset_class=AssetClass.EQUITY,
        price_increment=EQUITY_TICK, quantity_increment=step, min_quantity=step,
        min_notional=MIN_NOTIONAL, maker_fee=EQUITY_FEE, taker_fee=EQUITY_FEE,
        is_shortable=False, status=_status(asset),
    )  # fmt: skip


def _crypto(symbol: str, asset: Mapping[str, Any]) -> InstrumentRules:
    base, _, quote = symbol.partition("-")
    maker_fee, taker_fee = CRYPTO_FEES
    return InstrumentRules(
        symbol=symbol, base=base, quote=quote, asset_class=AssetClass.CRYPTO,
        price_increment=Decimal(asset["price_increment"]),
        quantity_increment=Decimal(asset["min_trade_increment"]),
        min_quantity=Decimal(asset["min_order_size"]),
        min_notional=MIN_NOTIONAL, maker_fee=maker_fee, taker_fee=taker_fee,
        is_shortable=False, status=_status(asset),
    )  # fmt: skip


def _status(asset: Mapping[str, Any]) -> InstrumentStatus:
    trades = asset["tradable"] and asset["status"] == "active"
    return InstrumentStatus.TRADING if trades else InstrumentStatus.HALTED
