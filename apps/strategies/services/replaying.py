"""Looks at a run's candles once more: exactly those, with the same version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.common.errors import Refused
from apps.market import selectors as market
from apps.strategies.models import Run
from apps.strategies.services.running import look, tradable
from trading import signals as opinions
from trading.candles import CandleSeries, Timeframe
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
    said = [_words(signal, note) for signal, note in tradable(spoken.signals, run.instrument)]
    kept = [
        _words(
            opinions.Signal(
                run.instrument.symbol, opinions.Action(row.action), row.reference_price,
                opinions.ExitPlan(row.stop_price, row.target_price), row.tag,
            ),
            row.note,
        )
        for row in run.signals.order_by("id")
    ]  # fmt: skip
    yield from (f"it said {words}, and does not now" for words in kept if words not in said)
    yield from (f"now it says {words}, and did not" for words in said if words not in kept)


def _words(signal: opinions.Signal, note: str) -> str:
    plan = signal.exit_plan
    parts = [
        signal.action.value,
        f"at {signal.reference_price.normalize():f}",
        "" if plan.stop_price is None else f"stop {plan.stop_price.normalize():f}",
        "" if plan.target_price is None else f"target {plan.target_price.normalize():f}",
        signal.tag,
        note,
    ]
    return " ".join(part for part in parts if part)
