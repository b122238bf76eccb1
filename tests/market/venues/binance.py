"""Binance's spot REST: the oldest first from `startTime`, the forming candle included."""

from tests.market.venues.server import Market, Reply

RATE_LIMITED = Reply(
    {"code": -1003, "msg": "Too many requests; current limit is 6000 weight per minute."},
    status=429, headers={"Retry-After": "17"},
)  # fmt: skip
DOWN = Reply({"code": -1016, "msg": "This service is no longer available."}, status=503)
_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600}


def binance(market: Market, path: str, query: dict[str, str]) -> Reply:
    symbols = {symbol.replace("-", ""): symbol for symbol in market.symbols}
    if path == "/api/v3/exchangeInfo":
        return Reply(
            {
                "timezone": "UTC", "serverTime": _milliseconds(market), "rateLimits": [],
                "exchangeFilters": [],
                "symbols": [_rules(market, pk, symbol) for pk, symbol in symbols.items()],
            }
        )  # fmt: skip
    if path != "/api/v3/klines":
        return Reply("<html>404</html>", status=404)
    if query["symbol"] not in symbols:
        return Reply({"code": -1121, "msg": "Invalid symbol."}, status=400)
    seconds = _SECONDS[query["interval"]]
    start = int(query.get("startTime", 0))
    rows = [
        [
            bar.opened * 1000, bar.open, bar.high, bar.low, bar.close, bar.volume,
            (bar.opened + seconds) * 1000 - 1, "1234.5", 17, "1.0", "100.0", "0",
        ]
        for bar in market.bars(seconds)
        if bar.opened * 1000 >= start
    ]  # fmt: skip
    return Reply(rows[: min(int(query.get("limit", 500)), 1000)])


def _milliseconds(market: Market) -> int:
    return int(market.now().timestamp() * 1000)


def _rules(market: Market, pk: str, symbol: str) -> dict[str, object]:
    base, quote = symbol.split("-")
    return {
        "symbol": pk, "status": "BREAK" if symbol in market.halted else "TRADING",
        "baseAsset": base, "baseAssetPrecision": 8, "quoteAsset": quote, "quotePrecision": 8,
        "quoteAssetPrecision": 8, "orderTypes": ["LIMIT", "MARKET"], "icebergAllowed": True,
        "ocoAllowed": True, "isSpotTradingAllowed": True, "isMarginTradingAllowed": True,
        "permissions": [], "permissionSets": [["SPOT", "MARGIN"]],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "maxPrice": "1000000.0",
             "tickSize": "0.01000000"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000",
             "stepSize": "0.00001000"},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True,
             "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        ],
    }  # fmt: skip
