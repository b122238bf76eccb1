"""Alpaca's market data and assets: keys in headers, numbers as numbers, pages by a token."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tests.market.venues.server import Bar, Market, Reply

KEY, SECRET = "PKTESTKEY", "a-secret-of-the-tests"
PAGE = 200
UNAUTHORIZED = Reply({"message": "forbidden."}, status=401)
RATE_LIMITED = Reply({"message": "too many requests."}, status=429)
DOWN = Reply({"message": "internal server error occurred"}, status=500)
NO_SUBSCRIPTION = Reply(
    {"message": "subscription does not permit querying recent SIP data"}, status=403
)
_SECONDS = {"1Min": 60, "5Min": 300, "15Min": 900, "1Hour": 3600}


def alpaca(market: Market, path: str, query: dict[str, str]) -> Reply:
    if path in ("/v2/stocks/bars", "/v1beta3/crypto/us/bars"):
        return _bars(market, query)
    if path == "/v2/assets":
        return Reply([_asset(market, symbol) for symbol in market.symbols])
    symbol = path.removeprefix("/v2/assets/")
    if symbol not in market.symbols:
        return Reply({"code": 40410000, "message": f"asset not found for {symbol}"}, status=404)
    return Reply(_asset(market, symbol))


def _bars(market: Market, query: dict[str, str]) -> Reply:
    start, end = (datetime.fromisoformat(query[name]).timestamp() for name in ("start", "end"))
    symbol = query["symbols"]
    bars = [
        bar
        for bar in market.bars(_SECONDS[query["timeframe"]])
        if start <= bar.opened <= end and symbol in market.symbols
    ]
    first = int(query.get("page_token") or 0)
    page, rest = bars[first : first + PAGE], bars[first + PAGE :]
    return Reply(
        {
            "bars": {symbol: [_bar(bar) for bar in page]} if page else {},
            "next_page_token": str(first + PAGE) if rest else None,
        }
    )


def _bar(bar: Bar) -> dict[str, object]:
    numbers = {
        name: float(round(Decimal(value), 4))
        for name, value in zip(
            "ohlcv", (bar.open, bar.high, bar.low, bar.close, bar.volume), strict=True
        )
    }
    opened = datetime.fromtimestamp(bar.opened, UTC)
    return {"t": opened.strftime("%Y-%m-%dT%H:%M:%SZ"), **numbers, "n": 12, "vw": numbers["c"]}


def _asset(market: Market, symbol: str) -> dict[str, object]:
    crypto = "/" in symbol
    asset: dict[str, object] = {
        "id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
        "class": "crypto" if crypto else "us_equity",
        "exchange": "CRYPTO" if crypto else "NASDAQ", "symbol": symbol, "name": symbol,
        "status": "inactive" if symbol in market.halted else "active",
        "tradable": symbol not in market.halted, "marginable": not crypto,
        "shortable": not crypto, "easy_to_borrow": not crypto, "fractionable": True,
    }  # fmt: skip
    sizes = {
        "min_order_size": "0.000016", "min_trade_increment": "0.000000001", "price_increment": "0.1"
    }  # fmt: skip
    return {**asset, **sizes} if crypto else asset
