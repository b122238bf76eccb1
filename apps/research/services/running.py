"""One backtest, by the worker that took it. Nothing is computed with a transaction open."""

import json
import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings as platform
from django.db.models import QuerySet

from apps.common import db
from apps.common.errors import Refused
from apps.events import services as events
from apps.research.models import BacktestResult, BacktestRun
from apps.research.services.hashing import content_hash
from apps.research.services.histories import market_of
from apps.research.services.runs import State, fail, tell_finished
from apps.research.services.telling import as_json
from apps.research.services.terms import (
    Terms,
    built_in,
    parsed_parameters,
    settings_of,
    terms_of,
)
from trading.backtest import Market, Settings
from trading.candles import Timeframe
from trading.compiled import backtest_fastest
from trading.mistakes import Caught, words
from trading.regime.volatilities import most_looked_at
from trading.signals import SignalNotUsable

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

SECONDS_BETWEEN_WORDS = 0.5  # at most two writes a second
SECONDS_BETWEEN_EVENTS = 1.0
EVENTS_A_RUN = 20  # each five percent


class NotOurs(Exception):
    """It was canceled, or another worker has it."""


@db.durable
def run(pk: int, *, clock: Clock) -> bool:
    """Take it and compute it. Whether it was done here: else there was nothing to take, it failed,
    was canceled, or went to another worker.
    """
    taken = _take(pk, clock())
    if taken is None:
        return False
    try:
        with Caught() as caught:
            return _computed(taken, clock)
    except NotOurs:
        return False
    except Refused as refused:
        fail(taken, refused.code, refused.message, now=clock())
    if isinstance(caught.mistake, SignalNotUsable):
        fail(taken, "SIGNAL_NOT_USABLE", str(caught.mistake), now=clock())
    elif caught.mistake is not None:  # again it would be the same
        log.warning("backtest %s failed", pk, exc_info=caught.mistake)
        fail(taken, "STRATEGY_FAILED", words(caught.mistake), now=clock())
    return False


@db.transaction
def _take(pk: int, now: datetime) -> BacktestRun | None:
    """By raising its `attempt`: whoever had it before can write no more."""
    found = BacktestRun.objects.select_for_update().filter(pk=pk, state=State.QUEUED).first()
    if found is None:
        return None
    found.state, found.attempt = State.RUNNING, found.attempt + 1
    found.started_at = found.heartbeat_at = now
    found.done, found.total = 0, None
    found.save(update_fields=["state", "attempt", "started_at", "heartbeat_at", "done", "total"])
    events.record(
        "backtest.started", user_id=found.user_id, happened_at=now, run=found.pk,
        attempt=found.attempt,
    )  # fmt: skip
    return found


def _computed(taken: BacktestRun, clock: Clock) -> bool:
    started = time.monotonic()
    terms, settings = _settings(taken)
    word = _Word(taken, clock, deadline=started + platform.BACKTEST_TIME_LIMIT.total_seconds())
    markets, calendars = _markets(taken, terms, settings, word)
    made_of = content_hash(settings, markets, terms, calendars)
    word.still_here()
    known = BacktestResult.objects.filter(content_hash=made_of).defer("packed").first()
    if known is not None:
        return _finish(taken, made_of, known, now=clock())
    computing = time.perf_counter()
    ran = backtest_fastest(settings, markets, progress=word.progressed)
    seconds = time.perf_counter() - computing
    word.still_here()
    told = as_json(settings, markets, ran, seconds=seconds, with_equity=True)
    word.still_here()
    return _finish(taken, made_of, _packed(told, made_of), now=clock())


def _settings(taken: BacktestRun) -> tuple[Terms, Settings]:
    version = taken.strategy_version
    terms = terms_of(taken.settings)
    strategy = built_in(version.strategy.code)
    parameters = parsed_parameters(strategy, {**version.parameters, **terms.parameters})
    return terms, settings_of(
        terms, strategy, parameters,
        instruments=taken.instruments.count(), begins_at=taken.began_at,
    )  # fmt: skip


def _markets(
    taken: BacktestRun, terms: Terms, settings: Settings, word: "_Word"
) -> tuple[list[Market], dict[str, str]]:
    """With the calendar of each by its symbol. Loading takes a while, so after each one a word."""
    finest, looked_at = Timeframe(taken.finest), Timeframe(taken.timeframe)
    before = settings.limits.warmup_candles
    if settings.is_limited:  # the volatility is asked about from the first close on
        before = max(before, most_looked_at(looked_at))
    markets, calendars = [], {}
    for instrument in taken.instruments.order_by("symbol"):
        loaded = market_of(
            instrument, finest, looked_at, taken.until,
            after=taken.began_at, warmup=before,
        )  # fmt: skip
        if not loaded.candles:
            raise Refused("NO_CANDLES", f"There are no {finest} candles of {instrument.symbol}.")
        markets.append(replace(loaded, rules=terms.rules(loaded.rules)))
        calendars[instrument.symbol] = instrument.calendar
        word.still_here()
    return markets, calendars


def _packed(told: dict[str, Any], made_of: str) -> BacktestResult:
    """Not saved yet."""
    return BacktestResult(
        content_hash=made_of,
        engine_version=told["engine_version"],
        data_hash=told["data_hash"],
        metrics=told["metrics"],
        closes=len(told["equity"]),
        packed=zlib.compress(json.dumps(told, allow_nan=False).encode()),
        seconds=told["elapsed_seconds"],
    )


@db.transaction
def _finish(taken: BacktestRun, made_of: str, result: BacktestResult, *, now: datetime) -> bool:
    """The result and the state in one. Where two workers computed the same, the first one's is
    kept. False = the run is not ours any more; what was computed is true all the same.
    """
    is_from_cache = result.pk is not None
    if not is_from_cache:
        BacktestResult.objects.bulk_create([result], ignore_conflicts=True)
        result = BacktestResult.objects.defer("packed").get(content_hash=made_of)
    ours = _ours(taken).update(
        state=State.DONE, content_hash=made_of, result=result, is_from_cache=is_from_cache,
        finished_at=now, heartbeat_at=now, done=result.closes, total=result.closes,
    )  # fmt: skip
    if ours:
        tell_finished(taken, State.DONE, now)
    return bool(ours)


def _ours(taken: BacktestRun) -> QuerySet[BacktestRun]:
    """The run as long as it is: no row when it was canceled, or taken by another."""
    return BacktestRun.objects.filter(pk=taken.pk, attempt=taken.attempt, state=State.RUNNING)


class _Word:
    """What the worker says of itself while it is at it; it hears so that the run is not its own any
    more. Raises NotOurs, and Refused TOO_LONG.
    """

    def __init__(self, taken: BacktestRun, clock: Clock, *, deadline: float) -> None:
        self._taken, self._clock, self._deadline = taken, clock, deadline
        self._said_at = self._told_at = 0.0
        self._told = 0  # of EVENTS_A_RUN

    def still_here(self) -> None:
        self._speak()

    def progressed(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._said_at < SECONDS_BETWEEN_WORDS:
            return
        part = done * EVENTS_A_RUN // total if total else 0
        is_news = part > self._told and now - self._told_at >= SECONDS_BETWEEN_EVENTS
        if is_news:
            self._told, self._told_at = part, now
        self._speak(is_news=is_news, done=done, total=total)

    def _speak(self, *, is_news: bool = False, **progress: int) -> None:
        self._said_at = time.monotonic()
        if self._said_at > self._deadline:
            limit = platform.BACKTEST_TIME_LIMIT
            raise Refused("TOO_LONG", f"It takes longer than {limit}: choose a shorter period.")
        if not self._write(is_news=is_news, progress=progress):
            raise NotOurs

    @db.transaction
    def _write(self, *, is_news: bool, progress: dict[str, int]) -> bool:
        taken, now = self._taken, self._clock()
        if not _ours(taken).update(heartbeat_at=now, **progress):
            return False
        if is_news:
            events.record(
                "backtest.progressed", user_id=taken.user_id, happened_at=now, run=taken.pk,
                **progress,
            )  # fmt: skip
        return True
