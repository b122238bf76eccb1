"""OKX's v5 market data: the newest first, `before` and `after` exclusive and named from the end of
time, at most 300 rows, the forming one marked "0" in its last column.
"""

from tests.market.venues.server import Market, Reply

MOST = 300
RATE_LIMITED = Reply({"code": "50011", "msg": "Requests too frequent.", "data": []}, status=429)
DOWN = Reply({"code": "50001", "msg": "Service temporarily unavailable.", "data": []}, status=503)
_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1H": 3600}


def okx(market: Market, path: str, query: dict[str, str]) -> Reply:
    if path == "/api/v5/public/instruments":
        spot = query["instType"] == "SPOT"
        return _data([_rules(market, symbol) for symbol in market.symbols] if spot else [])
    if path not in ("/api/v5/market/candles", "/api/v5/market/history-candles"):
        return Reply({"code": "404", "msg": "Not Found", "data": []}, status=404)
    if query["instId"] not in market.symbols:
        return Reply({"code": "51001", "msg": "Instrument ID doesn't exist.", "data": []})
    seconds, now = _SECONDS[query["bar"]], int(market.now().timestamp())
    newer, older = int(query.get("before", 0)), int(query.get("after", 10**15))
    rows = [
        [
            str(bar.opened * 1000), bar.open, bar.high, bar.low, bar.close, bar.volume, "12.3",
            "45.6", "1" if bar.opened + seconds <= now else "0",
        ]
        for bar in reversed(market.bars(seconds))
        if newer < bar.opened * 1000 < older
    ]  # fmt: skip
    return _data(rows[: min(int(query.get("limit", 100)), MOST)])


def _data(data: list[object] | list[list[str]]) -> Reply:
    return Reply({"code": "0", "msg": "", "data": data})


def _rules(market: Market, symbol: str) -> object:
    base, quote = symbol.split("-")
    return {
        "alias": "", "baseCcy": base, "category": "1", "ctMult": "", "ctType": "", "ctVal": "",
        "ctValCcy": "", "expTime": "", "instFamily": "", "instId": symbol, "instType": "SPOT",
        "lever": "10", "listTime": "1548133413000", "lotSz": "0.00000001", "maxLmtSz": "9999999999",
        "minSz": "0.00001", "optType": "", "quoteCcy": quote, "settleCcy": "",
        "state": "suspend" if symbol in market.halted else "live", "stk": "", "tickSz": "0.1",
        "uly": "",
    }  # fmt: skip
