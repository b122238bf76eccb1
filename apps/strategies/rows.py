"""An opinion as a row, and back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.market.models import Instrument
from apps.strategies.models import Run, Signal, StrategyVersion
from trading import signals as opinions
from trading.order_kinds import OrderType, TimeInForce
from trading.signals import Action, EntryPlan, ExitPlan, Ladder, OffsetType, Trail


def row_of(run: Run, sequence: int, signal: opinions.Signal, note: str) -> Signal:
    """The signal of a run, not yet written."""
    return Signal(
        source=Signal.Source.RUN,
        source_key=f"{run.pk}:{sequence}",
        run=run,
        version=run.version,
        instrument=run.instrument,
        action=signal.action,
        reference_price=signal.reference_price,
        **_entry(signal.entry_plan),
        **_exits(signal.exit_plan),
        size_fraction=signal.size_fraction,
        tag=signal.tag,
        note=note,
        candle_close_time=run.candle_close_time,
    )


def row_by_hand(
    version: StrategyVersion,
    instrument: Instrument,
    signal: opinions.Signal,
    *,
    source_key: str,
    wanted: Decimal,
    close_time: datetime,
) -> Signal:
    """The signal of a person or a client, not yet written; `close_time` of the newest candle."""
    return Signal(
        source=Signal.Source.MANUAL,
        source_key=source_key,
        instrument=instrument,
        action=signal.action,
        reference_price=signal.reference_price,
        **_entry(signal.entry_plan),
        **_exits(signal.exit_plan),
        version=version,
        wanted=wanted,
        candle_close_time=close_time,
    )


def opinion_of(row: Signal, symbol: str) -> opinions.Signal:
    """What was said when the row was written."""
    trail = None
    if row.trailing_offset is not None:
        trail = Trail(row.trailing_offset, OffsetType(row.trailing_offset_type))
    return opinions.Signal(
        symbol,
        Action(row.action),
        row.reference_price,
        ExitPlan(row.stop_price, row.target_price, row.stop_limit_price, trail, _ladder(row)),
        row.tag,
        entry_plan_of(row),
        row.size_fraction,
    )


def entry_plan_of(row: Signal) -> EntryPlan:
    return EntryPlan(
        OrderType(row.order_type),
        row.limit_price,
        row.trigger_price,
        TimeInForce(row.time_in_force),
        row.post_only,
    )


def _ladder(row: Signal) -> Ladder | None:
    return None if row.ladder is None else Ladder.of(row.ladder)


def _entry(plan: EntryPlan) -> dict[str, Any]:
    return {
        "order_type": plan.order_type.value,
        "limit_price": plan.limit_price,
        "trigger_price": plan.trigger_price,
        "time_in_force": plan.time_in_force.value,
        "post_only": plan.post_only,
    }


def _exits(plan: ExitPlan) -> dict[str, Any]:
    trail = plan.trail
    return {
        "stop_price": plan.stop_price,
        "target_price": plan.target_price,
        "stop_limit_price": plan.stop_limit_price,
        "trailing_offset": None if trail is None else trail.offset,
        "trailing_offset_type": "" if trail is None else trail.offset_type.value,
        "ladder": None if plan.ladder is None else plan.ladder.plain(),
    }
