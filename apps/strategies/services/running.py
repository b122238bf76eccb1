"""Step 3 of a candle: each active version looks once; Run, Signals and the cut-off are one
transaction."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction

from apps.common import db, logs, metrics
from apps.events import services as events
from apps.market import selectors as market
from apps.market.models import Instrument
from apps.strategies import selectors
from apps.strategies.models import Run, Signal, StrategySubscription, StrategyVersion
from apps.strategies.rows import row_of
from trading import mistakes
from trading import signals as opinions
from trading.candles import CandleSeries, Timeframe
from trading.entries import tradable
from trading.signal_checks import checked
from trading.strategies import REGISTRY

log = logging.getLogger(__name__)

# Subscription ids by version and instrument.
Holders = Mapping[tuple[int, int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Look:
    """What one version said of one instrument at one close; not yet written."""

    version: StrategyVersion
    instrument: Instrument
    status: Run.Status
    candles: CandleSeries | None
    signals: Sequence[opinions.Signal] = ()
    reason: str = ""


@db.durable
def look_and_record(
    venue: str,
    timeframe: Timeframe,
    close_time: datetime,
    instrument_ids: Sequence[int],
    *,
    still_holding: Holders,
) -> None:
    """Run every active version of the timeframe on the instruments whose candle has just closed.

    A version that has its Run for this close is not asked again. `still_holding` are subscriptions
    that are paused or ended and hold the instrument: they hear of exits, and only of those runs.
    """
    due = selectors.versions_due(venue, timeframe, close_time, instrument_ids)
    if not due:
        return
    longest = max(version.warmup_candles for version, _ in due)
    series = market.series(
        sorted({instrument.pk for _, instrument in due}), timeframe, close_time, longest
    )
    for version, instrument in due:
        with logs.bound(version=version.pk, instrument=instrument.symbol):
            spoken = look(version, instrument, series.get(instrument.pk))
        record_run(spoken, close_time, still_holding.get((version.pk, instrument.pk), ()))


def look(version: StrategyVersion, instrument: Instrument, series: CandleSeries | None) -> Look:
    """Ask the strategy. It gets exactly as many candles as it declared, so that what it says
    depends on nothing else. Whatever mistake it makes is its own run's: others are asked after it.
    """
    seen = None if series is None else series.last(version.warmup_candles)
    if seen is None or len(seen) < version.warmup_candles:
        return Look(version, instrument, Run.Status.WARMING_UP, seen, reason="INSUFFICIENT_WARMUP")
    usable: list[opinions.Signal] = []
    with mistakes.caught(SoftTimeLimitExceeded) as failed:
        said = REGISTRY[version.strategy.code].decide(seen, version.parsed)
        usable = [checked(signal) for signal in said]
    if failed.mistake is not None:
        log.warning("%s failed on %s", version, instrument.symbol, exc_info=failed.mistake)
        told = f"{mistakes.place(failed.mistake)}: {mistakes.words(failed.mistake)}"
        reason = told[: Run.LONGEST_REASON]
        return Look(version, instrument, Run.Status.FAILED, seen, reason=reason)
    return Look(version, instrument, Run.Status.COMPLETED, seen, usable)


@db.transaction
def record_run(spoken: Look, close_time: datetime, still_holding: Sequence[int] = ()) -> Run | None:
    """Write the run, its signals and who is to get a decision. None = another was first; the
    unique key decides, and what this one saw is discarded.
    """
    run = Run(
        version=spoken.version,
        instrument=spoken.instrument,
        timeframe=spoken.version.timeframe,
        candle_close_time=close_time,
        status=spoken.status,
        reason=spoken.reason,
        candles_seen=0 if spoken.candles is None else len(spoken.candles),
        candles_hash="" if spoken.candles is None else spoken.candles.digest(),
    )
    chosen = tradable(spoken.signals, is_shortable=spoken.instrument.is_shortable)
    if chosen:
        leaves = any(not signal.action.is_entry for signal, _ in chosen)
        run.subscription_ids = _cut_off(spoken.version, still_holding if leaves else ())
        run.expected = len(run.subscription_ids) * len(chosen)
    try:
        _insert(run)
    except IntegrityError:
        return None
    Signal.objects.bulk_create(
        row_of(run, sequence, signal, note) for sequence, (signal, note) in enumerate(chosen)
    )
    transaction.on_commit(lambda: _count(run, chosen))
    return run


@db.transaction
def record_missed(
    versions: Iterable[StrategyVersion],
    instrument_id: int,
    closes: Sequence[datetime],
    reason: str,
) -> None:
    """Record closes that no strategy looked at: too late to act on, but never silently absent."""
    missed = [
        Run(
            version=version,
            instrument_id=instrument_id,
            timeframe=version.timeframe,
            candle_close_time=close_time,
            status=Run.Status.MISSED,
            reason=reason,
        )
        for version in versions
        for close_time in closes
    ]
    Run.objects.bulk_create(missed, ignore_conflicts=True)
    transaction.on_commit(lambda: metrics.RUNS.labels(Run.Status.MISSED.value).inc(len(missed)))


@db.transaction
def mark_decided(run_ids: Sequence[int], now: datetime) -> None:
    """Note that every expected decision of these runs has been made."""
    Run.objects.filter(pk__in=run_ids, decided_at=None).update(decided_at=now, failing={})


@db.transaction
def note_failing(run_ids: Collection[int], subscription_ids: Iterable[int], now: datetime) -> None:
    """Nobody could decide these subscriptions. For each the first time is kept."""
    noted = {str(pk): now.isoformat() for pk in subscription_ids}
    rows = Run.objects.filter(pk__in=run_ids, decided_at=None).order_by("pk")
    for run in rows.select_for_update():
        if not noted.keys() <= run.failing.keys():
            run.failing = noted | run.failing
            run.save(update_fields=["failing"])


@db.transaction
def reopen(run_ids: Sequence[int], *, now: datetime, by: int | None = None) -> None:
    """These runs were found to lack a decision: the next fan-out takes them up again. `by` is the
    person who asked for it; None = the search for holes.
    """
    Run.objects.filter(pk__in=run_ids).update(decided_at=None)
    events.record_many(
        [events.Fact("run.reopened", None, now, {"run": pk, "by": by}) for pk in run_ids]
    )


@db.savepoint
def _insert(run: Run) -> None:
    run.save(force_insert=True)


def _cut_off(version: StrategyVersion, still_holding: Sequence[int]) -> list[int]:
    running = StrategySubscription.objects.filter(version=version, ended_at=None, is_paused=False)
    return sorted({*running.values_list("pk", flat=True), *still_holding})


def _count(run: Run, chosen: Sequence[tuple[opinions.Signal, str]]) -> None:
    metrics.RUNS.labels(run.status).inc()
    for signal, _ in chosen:
        metrics.SIGNALS.labels(signal.action.value).inc()
