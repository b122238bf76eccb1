"""The words of the streams: every message that a client can read, each the text of one frame.

Amounts and prices are strings, candles are numbers for the chart. Times are ISO 8601 and of the
venue's clock; only the snapshot's is of the wall's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import orjson

from apps.accounts.selectors import Grant
from apps.dashboard.selectors.dealings import Dealings, OpenOrder
from apps.dashboard.selectors.positions import OpenPosition
from apps.dashboard.selectors.snapshot import Snapshot
from apps.events.models import Event
from apps.market.selectors import ChartBar
from trading.candles import Candle, Timeframe
from trading.gates.values import TradingState, text

PONG = '{"type":"pong"}'


def auth_success_frame(grant: Grant) -> str:
    """Whose stream it is, and when its token ends it."""
    return _encoded("auth_success", user_id=f"usr_{grant.user.pk}", expires_at=grant.expires_at)


def snapshot_frame(snapshot: Snapshot) -> str:
    return _encoded(
        "snapshot",
        sequence=snapshot.sequence,
        included=snapshot.included,
        time=snapshot.read_at,
        clocks=snapshot.clocks,
        trading_state=snapshot.platform.name,
        accounts=[
            {**row._asdict(), "cash": text(row.cash), "reserved": text(row.reserved)}
            for row in snapshot.accounts
        ],
        positions=[_position(position) for position in snapshot.positions],
    )


def dealings_frame(dealings: Dealings) -> str:
    return _encoded(
        "snapshot",
        sequence=dealings.sequence,
        included=dealings.included,
        time=dealings.read_at,
        orders=[_amounts(row._asdict()) for row in dealings.orders],
        fills=[_amounts(row._asdict()) for row in dealings.fills],
    )


def orders_frame(orders: Sequence[OpenOrder]) -> str:
    """Every order that may still fill, in place of those told before."""
    return _encoded("orders", orders=[_amounts(row._asdict()) for row in orders])


def event_frame(event: Event) -> str:
    """A sealed event, for its owner."""
    return _encoded(
        "event",
        id=event.pk,
        sequence=event.sequence,
        kind=event.kind,
        at=event.happened_at,
        data=event.payload,
    )


def platform_frame(state: TradingState) -> str:
    return _encoded("trading_state", scope="platform", state=state.name)


def strategy_frame(code: str, state: TradingState) -> str:
    return _encoded("trading_state", scope="strategy", strategy=code, state=state.name)


def venue_frame(venue: str, state: TradingState) -> str:
    return _encoded("trading_state", scope="venue", venue=venue, state=state.name)


def instrument_frame(venue: str, symbol: str, state: TradingState) -> str:
    return _encoded(
        "trading_state", scope="instrument", venue=venue, symbol=symbol, state=state.name
    )


def prices_frame(
    venue: str, closed_at: datetime, timeframe: Timeframe, candles: Mapping[str, Candle]
) -> str:
    """The candles, by symbol, that closed at a venue."""
    return _encoded(
        "prices",
        venue=venue,
        time=closed_at,
        timeframe=timeframe.value,
        prices={symbol: text(candle.close) for symbol, candle in candles.items()},
        candles={symbol: _bar(candle) for symbol, candle in candles.items()},
    )


def _position(position: OpenPosition) -> dict[str, object]:
    return {
        "subscription": position.subscription_id,
        "instrument": position.instrument_id,
        "symbol": position.symbol,
        "strategy": position.strategy,
        "mode": position.mode,
        "quantity": text(position.quantity),
        "cost": text(position.cost),
        "last": _known(position.last),
        "unrealised_pnl": _known(position.unrealised_pnl),
        "stop": _known(position.stop),
        "target": _known(position.target),
        "liquidation": _known(position.liquidation),
        "opened_at": position.opened_at,
    }


def _amounts(row: Mapping[str, object]) -> dict[str, object]:
    """The row, its decimals as strings."""
    return {
        name: text(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }


def _known(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def _bar(candle: Candle) -> ChartBar:
    return ChartBar(
        time=int(candle.open_time.timestamp()),
        open=float(candle.open),
        high=float(candle.high),
        low=float(candle.low),
        close=float(candle.close),
        volume=float(candle.volume),
    )


def _encoded(kind: str, /, **fields: object) -> str:
    return orjson.dumps({"type": kind, **fields}).decode()
