"""Kraken's public REST: prices as text, errors in a 200, the last 720 candles and never more, the
forming one among them, whatever `since` says.
"""

from tests.market.venues.server import Market, Reply

MOST = 720
RATE_LIMITED = Reply({"error": ["EAPI:Rate limit exceeded"]})
DOWN = Reply({"error": ["EService:Unavailable"]})
PAGE_OF_HTML = Reply("<html>We are down for maintenance</html>")


def kraken(market: Market, path: str, query: dict[str, str]) -> Reply:
    pairs = {_pair(symbol): symbol for symbol in market.symbols}
    if path == "/0/public/AssetPairs":
        return _result({pair: _rules(market, symbol) for pair, symbol in pairs.items()})
    if path != "/0/public/OHLC":
        return Reply({"error": ["EGeneral:Unknown method"]}, status=404)
    if query["pair"] not in pairs:
        return Reply({"error": ["EQuery:Unknown asset pair"]})
    bars = market.bars(int(query["interval"]) * 60)[-MOST:]
    rows = [
        [bar.opened, bar.open, bar.high, bar.low, bar.close, bar.close, bar.volume, 3]
        for bar in bars
        if bar.opened > int(query.get("since", 0))
    ]
    return _result({query["pair"]: rows, "last": bars[-2].opened if len(bars) > 1 else 0})


def _result(result: object) -> Reply:
    return Reply({"error": [], "result": result})


def _pair(symbol: str) -> str:
    base, quote = symbol.split("-")
    return f"X{'XBT' if base == 'BTC' else base}Z{quote}"


def _rules(market: Market, symbol: str) -> dict[str, object]:
    base, quote = symbol.split("-")
    name = "XBT" if base == "BTC" else base
    return {
        "altname": f"{name}{quote}", "wsname": f"{name}/{quote}",
        "aclass_base": "currency", "base": f"X{name}",
        "aclass_quote": "currency", "quote": f"Z{quote}", "lot": "unit",
        "cost_decimals": 5, "pair_decimals": 1, "lot_decimals": 8, "lot_multiplier": 1,
        "leverage_buy": [2, 3, 4, 5], "leverage_sell": [2, 3, 4, 5],
        "fees": [[0, 0.4], [10000, 0.35]], "fees_maker": [[0, 0.25], [10000, 0.2]],
        "fee_volume_currency": "ZUSD", "margin_call": 80, "margin_stop": 40,
        "ordermin": "0.00005", "costmin": "0.5", "tick_size": "0.1",
        "status": "cancel_only" if symbol in market.halted else "online",
    }  # fmt: skip
