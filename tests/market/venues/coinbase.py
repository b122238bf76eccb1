"""Coinbase's public market data: a window from `start` to `end`, both included, of at most 350
candles, the newest first, and none for a minute without a trade.
"""

from tests.market.venues.server import Market, Reply

MOST = 350
RATE_LIMITED = Reply("Too Many Requests", status=429)
DOWN = Reply({"error": "internal", "message": "server unavailable"}, status=503)
_SECONDS = {"ONE_MINUTE": 60, "FIVE_MINUTE": 300, "FIFTEEN_MINUTE": 900, "ONE_HOUR": 3600}
_PRODUCTS = "/api/v3/brokerage/market/products"


def coinbase(market: Market, path: str, query: dict[str, str]) -> Reply:
    if path == _PRODUCTS:
        spot = query.get("product_type", "SPOT") == "SPOT"
        products = [_rules(market, symbol) for symbol in market.symbols] if spot else []
        return Reply({"products": products, "num_products": len(products)})
    product, _, what = path.removeprefix(f"{_PRODUCTS}/").partition("/")
    if what != "candles" or product not in market.symbols:
        return Reply({"error": "NOT_FOUND", "message": "ProductID is invalid"}, status=404)
    seconds, start, end = _SECONDS[query["granularity"]], int(query["start"]), int(query["end"])
    if (end - start) // seconds > MOST:
        return Reply(
            {"error": "INVALID_ARGUMENT",
             "message": "number of candles requested should be less than 350"},
            status=400,
        )  # fmt: skip
    bars = [bar for bar in market.bars(seconds) if start <= bar.opened <= end]
    return Reply(
        {
            "candles": [
                {"start": str(bar.opened), "low": bar.low, "high": bar.high, "open": bar.open,
                 "close": bar.close, "volume": bar.volume}
                for bar in reversed(bars)
            ]
        }
    )  # fmt: skip


def _rules(market: Market, symbol: str) -> dict[str, object]:
    base, quote = symbol.split("-")
    halted = symbol in market.halted
    return {
        "product_id": symbol, "price": "100", "base_increment": "0.00000001",
        "quote_increment": "0.01", "quote_min_size": "1", "quote_max_size": "150000000",
        "base_min_size": "0.00000001", "base_max_size": "3400", "base_name": base,
        "quote_name": "US Dollar", "is_disabled": False, "new": False,
        "status": "online", "cancel_only": False, "limit_only": False, "post_only": False,
        "trading_disabled": halted, "auction_mode": False, "product_type": "SPOT",
        "quote_currency_id": quote, "base_currency_id": base, "alias": "", "alias_to": [],
        "base_display_symbol": base, "quote_display_symbol": quote, "view_only": False,
        "price_increment": "0.01", "display_name": symbol, "product_venue": "CBE",
        "fcm_trading_session_details": None,
    }  # fmt: skip
