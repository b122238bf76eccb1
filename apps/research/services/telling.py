"""A backtest in words and as JSON."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import trading
from apps.research.services.entries import entries_of, entries_said, limits_told
from trading.backtest import Market, Result, Settings
from trading.backtest.regimes import regimes_at_entry
from trading.compiled import Ran
from trading.instruments import AssetClass
from trading.performance.curve import Curve
from trading.performance.measuring import DAYS_A_YEAR_OF_SHARES, report
from trading.performance.realised import DAYS_A_YEAR
from trading.performance.report import Report
from trading.performance.telling import as_dict, as_text
from trading.performance.trips import Trip

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
    """Of every candle and funding rate that was used: of what strategies looked at, and of the
    exact prices that orders met."""
    digest = hashlib.sha256()
    for market in markets:
        digest.update(market.series.digest().encode() + market.history.digest().encode())
        for moment, rate in market.funding:
            digest.update(_exact(moment, rate))
    return digest.hexdigest()


def _exact(moment: datetime, value: Decimal) -> bytes:
    """The same number, the same text, however many zeros it is stored with."""
    return f"{moment.timestamp()} {value.normalize()}\n".encode()


def as_json(
    settings: Settings,
    markets: Sequence[Market],
    ran: Ran,
    *,
    seconds: float,
    with_equity: bool,
) -> dict[str, Any]:
    """Prices, quantities and money as numbers; times in ISO-8601, UTC."""
    result = ran.result
    regimes = regimes_at_entry(result.trades, markets)
    told_of = report_of(settings, markets, result, regimes)
    whole = as_dict(told_of)
    told: dict[str, Any] = {
        "strategy": settings.strategy.code,
        "symbols": [market.rules.symbol for market in markets],
        "sizing": str(settings.sizing),
        "currency": settings.currency,
        "cash": float(settings.cash),
        "began_at": whole["period"]["began_at"],
        "days_a_year": told_of.period.days_a_year,
        "intrabar": INTRABAR,
        "trades": [_trade(trade) | {"regime": regimes[trade]} for trade in result.trades],
        "metrics": _metrics(told_of),
        "breakdowns": whole["breakdowns"],
        "monthly_returns": whole["monthly_returns"],
        **limits_told(settings),
        "entries": entries_of(result),
        "still_open": {name: float(held) for name, held in result.still_open.items()},
        "candles": sum(len(market.candles) for market in markets),
        "elapsed_seconds": round(seconds, 6),
        "engine": str(ran.engine),
        "engine_version": engine_version(),
        "data_hash": data_hash(markets),
    }
    if with_equity:
        told["equity"] = _points(_looked_at(settings, markets, result))
        told["benchmark"] = _marks_of_holding(told_of)
    return told


def _points(curve: Curve) -> list[dict[str, Any]]:
    """All but the beginning."""
    pairs = zip(curve.times[1:].tolist(), curve.equity[1:].tolist(), strict=True)
    return [{"time": time, "equity": value} for time, value in pairs]


def _marks_of_holding(told: Report) -> list[dict[str, Any]]:
    """At each day's end; empty where there is nothing to compare with."""
    times = told.daily.times.tolist() if len(told.held) else []
    return [
        {"time": time, "equity": value}
        for time, value in zip(times, told.held.tolist(), strict=True)
    ]


def _trade(trade: Trip) -> dict[str, Any]:
    return {
        "symbol": trade.symbol,
        "entry_time": trade.entry_time.isoformat(),
        "exit_time": trade.exit_time.isoformat(),
        "side": trade.direction,
        "quantity": float(trade.quantity),
        "entry_price": float(trade.entry_price),
        "exit_price": float(trade.exit_price),
        "fees": float(trade.fees),
        "funding": float(trade.funding),
        "pnl": float(trade.pnl),
        "mae": _number(trade.mae),
        "mfe": _number(trade.mfe),
        "exit_reason": trade.exit_reason,
    }


def report_of(
    settings: Settings,
    markets: Sequence[Market],
    result: Result,
    regimes: Mapping[Trip, str] | None = None,
) -> Report:
    """Beside buying and holding, where there is one instrument."""
    is_of_shares = all(market.rules.asset_class is AssetClass.EQUITY for market in markets)
    curve = _looked_at(settings, markets, result)
    return report(
        result.trades,
        curve,
        benchmark=_prices(markets[0], int(curve.times[0])) if len(markets) == 1 else None,
        regimes=regimes_at_entry(result.trades, markets) if regimes is None else regimes,
        days_a_year=DAYS_A_YEAR_OF_SHARES if is_of_shares else DAYS_A_YEAR,
    )


def _looked_at(settings: Settings, markets: Sequence[Market], result: Result) -> Curve:
    """The equity from where trading could begin; what came before it was only history."""
    opened = min(market.candles[0].open_time for market in markets)
    began = int(max(opened, settings.begins_at or opened).timestamp())
    after = result.times > began
    return Curve.beginning_with(
        float(settings.cash), at=began, times=result.times[after], equity=result.equity[after]
    )


def _prices(market: Market, began: int) -> Curve:
    """From the price at which one could have bought: the first open, or the last close by then."""
    times, closes = market.series.close_times, market.series.close
    if len(times) and times[0] <= began:
        return Curve(times, closes)
    first = market.candles[0]
    opened = int(first.open_time.timestamp())
    return Curve.beginning_with(float(first.open), at=opened, times=times, equity=closes)


def _metrics(told: Report) -> dict[str, float | int | None]:
    """Flat, as numbers; durations are seconds."""
    found: dict[str, float | int | None] = {}
    for part in (told.equity, told.trades):
        found |= {item.name: _number(getattr(part, item.name)) for item in fields(part)}
    if told.benchmark is not None:
        found["benchmark_return"] = told.benchmark.total_return
        found |= {"alpha": told.benchmark.alpha, "beta": told.benchmark.beta}
    return found


def _number(value: Any) -> float | int | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, Decimal) else value


def as_words(told: Report, result: Result, *, seconds: float) -> str:
    """For a terminal: the report, then the trades."""
    head = f"{'entry':<18}{'exit':<18}{'side':<6}{'quantity':>12}{'in':>11}{'out':>11}{'pnl':>12}"
    rows = [
        f"{trade.entry_time:%Y-%m-%d %H:%M}  {trade.exit_time:%Y-%m-%d %H:%M}  "
        f"{trade.direction:<6}{trade.quantity:>12.6g}{trade.entry_price:>11.6g}"
        f"{trade.exit_price:>11.6g}{trade.pnl:>12.2f}  {trade.exit_reason}"
        for trade in result.trades
    ]
    came = f"Entries: {entries_said(entries_of(result))}."
    speed = f"{len(result.times) / seconds:,.0f} candles a second."
    return "\n".join([as_text(told), head, *rows, "", came, INTRABAR, speed])
