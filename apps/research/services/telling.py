"""A backtest in words and as JSON."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import trading
from trading.backtest import Market, Result, Settings, TradeRow
from trading.performance import ClosedTrade, performance

INTRABAR = (
    "A signal at a close fills at the next open at the earliest. Where a stop and a target lie "
    "inside one candle, the stop is taken to have come first."
)


@cache
def engine_version() -> str:
    """Of the core's source: the same code, the same version."""
    root = Path(trading.__path__[0])
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def data_hash(markets: Sequence[Market]) -> str:
    """Of every candle that was used."""
    digest = hashlib.sha256()
    for market in markets:
        digest.update(market.series.digest().encode())
    return digest.hexdigest()


def as_json(
    settings: Settings,
    markets: Sequence[Market],
    result: Result,
    *,
    seconds: float,
    with_equity: bool,
) -> dict[str, Any]:
    """Prices, quantities and money as numbers; times in ISO-8601, UTC."""
    told: dict[str, Any] = {
        "strategy": settings.strategy.code,
        "symbols": [market.rules.symbol for market in markets],
        "sizing": str(settings.sizing),
        "intrabar": INTRABAR,
        "trades": [_trade(trade) for trade in result.trades],
        "metrics": _metrics(settings, markets, result),
        "still_open": {name: float(held) for name, held in result.still_open.items()},
        "candles": sum(len(market.candles) for market in markets),
        "elapsed_seconds": round(seconds, 6),
        "engine_version": engine_version(),
        "data_hash": data_hash(markets),
    }
    if with_equity:
        told["equity"] = [
            {"time": int(time), "equity": float(value)}
            for time, value in zip(result.times, result.equity, strict=True)
        ]
    return told


def _trade(trade: TradeRow) -> dict[str, Any]:
    return {
        "symbol": trade.symbol,
        "entry_time": trade.entry_time.isoformat(),
        "exit_time": trade.exit_time.isoformat(),
        "side": trade.direction.value,
        "quantity": float(trade.quantity),
        "entry_price": float(trade.entry_price),
        "exit_price": float(trade.exit_price),
        "fees": float(trade.fees),
        "funding": float(trade.funding),
        "pnl": float(trade.pnl),
        "mae": float(trade.mae),
        "mfe": float(trade.mfe),
        "exit_reason": trade.exit_reason,
    }


def _metrics(
    settings: Settings, markets: Sequence[Market], result: Result
) -> dict[str, float | int | None]:
    found = performance(
        [ClosedTrade(t.entry_time, t.exit_time, t.pnl, t.fees) for t in result.trades],
        [],
        start=settings.cash,
        until=max(market.candles[-1].close_time for market in markets),
    )
    last = float(result.equity[-1]) if len(result.equity) else float(settings.cash)
    return {
        "total_return": last / float(settings.cash) - 1,
        "trades": found.trades,
        "win_rate": _float(found.win_rate),
        "profit_factor": _float(found.profit_factor),
        "net": _float(found.net),
        "fees": _float(found.fees),
    }


def _float(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def as_table(told: Mapping[str, Any]) -> str:
    """For a terminal: the figures, then the trades."""
    figures = [f"{name:<24}{_shown(value):>16}" for name, value in told["metrics"].items()]
    head = f"{'entry':<20}{'exit':<20}{'side':<7}{'quantity':>14}{'in':>12}{'out':>12}{'pnl':>12}"
    rows = [
        f"{trade['entry_time'][:16]:<20}{trade['exit_time'][:16]:<20}{trade['side']:<7}"
        f"{trade['quantity']:>14.6g}{trade['entry_price']:>12.6g}{trade['exit_price']:>12.6g}"
        f"{trade['pnl']:>12.2f}  {trade['exit_reason']}"
        for trade in told["trades"]
    ]
    speed = told["candles"] / told["elapsed_seconds"] if told["elapsed_seconds"] else 0
    return "\n".join(
        [*figures, "", head, *rows, "", told["intrabar"], f"{speed:,.0f} candles a second"]
    )


def _shown(value: object) -> str:
    if value is None:
        return "—"
    return f"{value:,.4f}" if isinstance(value, float) else f"{value}"
