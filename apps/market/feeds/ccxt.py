"""Public candles of any exchange that ccxt speaks to; no keys. Loaded only where one is in use:
importing ccxt takes seconds and 90 MB.
"""

import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import ccxt
import requests

from apps.market.feeds.pages import Row, gather
from apps.market.feeds.ports import Failure, FeedFailed
from apps.market.models import Instrument
from trading.candle_checks import EPOCH
from trading.candles import Candle, Timeframe, next_close
from trading.facts import Fact
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus

TIMEOUT = timedelta(seconds=10)
PAGE_SIZE = 300  # of an exchange that does not say
# The smallest order in quote currency where the exchange's own answer names none.
MIN_NOTIONAL = {
    "binance": Decimal(10), "coinbase": Decimal(2), "kraken": Decimal(10), "okx": Decimal(10),
}  # fmt: skip
ASSUMED_MIN_NOTIONAL = Decimal(10)
LIMITED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.IM_A_TEAPOT)  # the latter is Binance's ban
MILLISECOND = timedelta(milliseconds=1)


class CcxtFeed:
    code = "ccxt"
    provides = frozenset({Fact.CANDLES})

    def __init__(self, source: str, base_url: str = "") -> None:
        """`base_url` stands for the exchange's hosts: a proxy, or a server of a test."""
        self.source = source
        self._client, self._answers, self._lock = _client(source, base_url)

    def offers(self, timeframe: Timeframe) -> bool:
        return timeframe.value in self._client.timeframes

    def candles(
        self,
        instruments: Sequence[Instrument],
        timeframe: Timeframe,
        after: datetime,
        until: datetime,
    ) -> Mapping[int, Sequence[Candle]]:
        return {
            item.pk: self._candles(_unified(item.symbol), timeframe, after, until)
            for item in instruments
        }

    def next_close(
        self, instruments: Sequence[Instrument], timeframe: Timeframe, after: datetime
    ) -> datetime | None:
        return next_close(after, timeframe)

    def rules(self, symbols: Sequence[str]) -> Sequence[InstrumentRules]:
        with self._asking():
            self._client.load_markets(True)  # noqa: FBT003 - ccxt's own: again, not from memory
            return [self._rules(symbol) for symbol in symbols]

    def _candles(
        self, symbol: str, timeframe: Timeframe, after: datetime, until: datetime
    ) -> list[Candle]:
        page_size = self._page_size()

        def fetch(since: datetime) -> list[Row]:
            milliseconds = (since - EPOCH) // MILLISECOND
            with self._asking():
                rows = self._client.fetch_ohlcv(symbol, timeframe.value, milliseconds, page_size)
                if (
                    self._client.last_json_response is None
                ):  # ccxt takes such a page for an empty one
                    raise FeedFailed(Failure.NONSENSE, f"{self.source} did not answer in JSON")
                return [Row(EPOCH + row[0] * MILLISECOND, tuple(row[1:6])) for row in rows]

        return gather(fetch, timeframe, after, until, page_size)

    def _page_size(self) -> int:
        spot = (self._client.features or {}).get("spot") or {}
        return int((spot.get("fetchOHLCV") or {}).get("limit") or PAGE_SIZE)

    def _rules(self, symbol: str) -> InstrumentRules:
        market = self._client.market(_unified(symbol))
        limits = market["limits"]
        step = self._increment(market["precision"]["amount"], symbol)
        maker, taker = market["maker"], market["taker"]
        if maker is None or taker is None:
            raise FeedFailed(Failure.NONSENSE, f"{self.source} tells no fees of {symbol}")
        smallest = MIN_NOTIONAL.get(self.source, ASSUMED_MIN_NOTIONAL)
        return InstrumentRules(
            symbol=symbol,
            base=market["base"],
            quote=market["quote"],
            asset_class=AssetClass.CRYPTO,
            price_increment=self._increment(market["precision"]["price"], symbol),
            quantity_increment=step,
            min_quantity=max(step, _exact(limits["amount"]["min"]) or step),
            min_notional=_exact(limits["cost"]["min"]) or smallest,
            maker_fee=Decimal(str(maker)),
            taker_fee=Decimal(str(taker)),
            is_shortable=False,
            # None = the exchange does not say; it lists the market, so it trades.
            status=InstrumentStatus.HALTED
            if market["active"] is False
            else InstrumentStatus.TRADING,
        )

    def _increment(self, precision: Any, symbol: str) -> Decimal:
        """ccxt tells it as a step, or as a number of decimals, or (a few) in a way that is none."""
        number = _exact(precision)
        if number is not None and self._client.precisionMode == ccxt.DECIMAL_PLACES:
            return Decimal(1).scaleb(-int(number))
        if number is None or number <= 0 or self._client.precisionMode != ccxt.TICK_SIZE:
            raise FeedFailed(Failure.NONSENSE, f"{self.source} tells no increments of {symbol}")
        return number

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """One question at a time to one exchange, so that its rate limit holds; errors as ours."""
        with self._lock:
            self._answers.clear()
            try:
                yield
            except ccxt.BaseError as error:
                answer = self._answers[-1] if self._answers else None
                raise FeedFailed(
                    _failure(error, answer), self._words(error), retry_after=_retry_after(answer)
                ) from error
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise FeedFailed(Failure.NONSENSE, self._words(error)) from error

    def _words(self, error: Exception) -> str:
        text = re.sub(r"\?\S*", "", str(error)).partition("\n")[0]  # no query strings
        return f"{type(error).__name__}: {text}"[:200]


def _failure(error: ccxt.BaseError, answer: requests.Response | None) -> Failure:
    """By the status of HTTP where it is plain: ccxt calls the 503 of some exchanges a refusal."""
    status = 0 if answer is None else answer.status_code
    if status in LIMITED or isinstance(error, ccxt.RateLimitExceeded | ccxt.DDoSProtection):
        return Failure.RATE_LIMITED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure.AWAY
    if isinstance(error, ccxt.BadSymbol):
        return Failure.UNKNOWN_SYMBOL
    if isinstance(error, ccxt.BadResponse):
        return Failure.NONSENSE
    return Failure.AWAY if isinstance(error, ccxt.OperationFailed) else Failure.REFUSED


def _retry_after(answer: requests.Response | None) -> timedelta | None:
    said = "" if answer is None else answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(said)) if said.isdecimal() else None


def _unified(symbol: str) -> str:
    return symbol.replace("-", "/", 1)


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@lru_cache
def _client(source: str, base_url: str) -> tuple[Any, deque[requests.Response], threading.Lock]:
    """One client per exchange and process, since it keeps the rate limit; its last answer; a lock
    for both."""
    if source not in ccxt.exchanges:
        raise FeedFailed(Failure.NOT_CONFIGURED, f"ccxt knows no exchange '{source}'")
    client = getattr(ccxt, source)({"enableRateLimit": True, "timeout": TIMEOUT // MILLISECOND})
    client.enableLastJsonResponse = True
    client.number = Decimal  # or prices would pass through floats
    client.has["fetchCurrencies"] = False  # not needed, and some ask for keys
    kinds = client.options.get("fetchMarkets")
    if isinstance(kinds, dict) and "types" in kinds:
        kinds["types"] = ["spot"]
    if base_url:
        client.urls["api"] = _moved(client.urls["api"], base_url)
    answers: deque[requests.Response] = deque(maxlen=1)
    client.session.hooks["response"].append(lambda answer, **_: answers.append(answer))
    return client, answers, threading.Lock()


def _moved(urls: Any, base_url: str) -> Any:
    if isinstance(urls, dict):
        return {name: _moved(url, base_url) for name, url in urls.items()}
    return re.sub(r"^https?://[^/]+", base_url, urls)
