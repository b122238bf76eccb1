"""Looks at a run's candles once more: exactly those, with the same version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from apps.common.errors import Refused
from apps.market import selectors as market
from apps.strategies.models import Run
from apps.strategies.rows import opinion_of
from apps.strategies.services.running import look
from trading import signals as opinions
from trading.candles import CandleSeries, Timeframe
from trading.entries import tradable
from trading.strategies import REGISTRY


@dataclass(frozen=True, slots=True)
class Replayed:
    """`differences` are sentences; none: the run says today what it said then."""

    run: Run
    signals: int
    left_out: int  # candles that came only after it
    differences: tuple[str, ...]


def replay(run_id: int) -> Replayed:
    """Nothing is written. Raises Refused UNKNOWN_RUN, NOTHING_WAS_SEEN."""
    runs = Run.objects.select_related("version__strategy", "instrument")
    run = runs.filter(pk=run_id).first()
    if run is None:
        raise Refused("UNKNOWN_RUN", f"There is no run {run_id}.")
    if not run.candles_hash:
        why = run.reason or "it is from before hashes were kept"
        raise Refused("NOTHING_WAS_SEEN", f"Run {run_id} kept no hash of candles: {why}.")
    found = _candles_it_saw(run)
    if found is None:
        return Replayed(run, 0, 0, ("the candles are not those that it saw",))
    candles, left_out = found
    return Replayed(run, run.signals.count(), left_out, tuple(_differences(run, candles)))


def _candles_it_saw(run: Run) -> tuple[CandleSeries, int] | None:
    """The candles with the hash of the run, and how many had to be left out for it: late ones, the
    last to come first. The hash judges, not the clocks of those who wrote."""
    timeframe, close = Timeframe(run.timeframe), run.candle_close_time
    widest = _series(run, run.candles_seen)
    if widest is None:
        return None
    late = market.late_arrivals(
        run.instrument_id, timeframe, _first_close(widest) - timeframe.duration, close
    )
    series = _series(run, run.candles_seen + len(late))
    left_out: set[int] = set()
    moments = sorted({recorded for _, recorded in late}, reverse=True)
    for moment in [None, *moments]:
        left_out |= {int(at.timestamp()) for at, recorded in late if recorded == moment}
        seen = series and series.without(left_out).last(run.candles_seen)
        if seen and seen.digest() == run.candles_hash:
            return seen, len(left_out)
    return None


def _series(run: Run, count: int) -> CandleSeries | None:
    found = market.series(
        [run.instrument_id], Timeframe(run.timeframe), run.candle_close_time, count
    )
    return found.get(run.instrument_id)


def _first_close(series: CandleSeries) -> datetime:
    return datetime.fromtimestamp(int(series.close_times[0]), UTC)


def _differences(run: Run, candles: CandleSeries) -> Iterator[str]:
    version = run.version
    if REGISTRY[version.strategy.code].content_hash() != version.content_hash:
        yield f"the code of {version} is not what it was when the version was made"
    spoken = look(version, run.instrument, candles)
    if (spoken.status, spoken.reason) != (run.status, run.reason):
        yield (
            f"it was {run.status} {run.reason}".rstrip()
            + f", now it is {spoken.status}"
            + (f": {spoken.reason}" if spoken.reason else "")
        )
    said = [
        _words(signal, note)
        for signal, note in tradable(spoken.signals, is_shortable=run.instrument.is_shortable)
    ]
    kept = [
        _words(opinion_of(row, run.instrument.symbol), row.note)
        for row in run.signals.order_by("id")
    ]
    yield from (f"it said {words}, and does not now" for words in kept if words not in said)
    yield from (f"now it says {words}, and did not" for words in said if words not in kept)


def _words(signal: opinions.Signal, note: str) -> str:
    parts = [
        signal.action.value,
        f"at {signal.reference_price.normalize():f}",
        *_entry(signal.entry_plan),
        *_exits(signal.exit_plan),
        *_priced(size=signal.size_fraction),
        signal.tag,
        note,
    ]
    return " ".join(part for part in parts if part)


def _entry(plan: opinions.EntryPlan) -> Iterator[str]:
    if plan == opinions.EntryPlan():
        return
    yield f"entering by {plan.order_type.value}"
    yield from _priced(trigger=plan.trigger_price, limit=plan.limit_price)
    yield plan.time_in_force.value
    yield "post-only" if plan.post_only else ""


def _exits(plan: opinions.ExitPlan) -> Iterator[str]:
    yield from _priced(
        stop=plan.stop_price, stop_limit=plan.stop_limit_price, target=plan.target_price
    )
    if plan.trail is not None:
        yield _followed(plan.trail)
    if plan.ladder is not None:
        yield from _ladder(plan.ladder)


def _ladder(ladder: opinions.Ladder) -> Iterator[str]:
    yield from (
        f"rung {rung.offset.normalize():f} closes {rung.share.normalize():f}"
        for rung in ladder.rungs
    )
    if ladder.break_even_after is not None:
        yield f"break even after {ladder.break_even_after}"
    late = ladder.trail
    if late is None:
        return
    yield _followed(late.trail)
    yield from _priced(profit=late.profit)
    if late.after is not None:
        yield f"after {late.after}"


def _followed(trail: opinions.Trail) -> str:
    return f"trail {trail.offset.normalize():f} {trail.offset_type.value}"


def _priced(**prices: Decimal | None) -> Iterator[str]:
    for name, price in prices.items():
        if price is not None:
            yield f"{name} {price.normalize():f}"
