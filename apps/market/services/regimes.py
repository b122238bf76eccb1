"""What kind of market a venue's is: one row for each close of `trading.regime.TIMEFRAME`."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from apps.common import db
from apps.market import selectors
from apps.market.models import Instrument, MarketClock, RegimeSnapshot
from apps.market.references import SYMBOLS, Reference
from apps.market.services import candles
from trading.candles import CandleSeries, FloatArray, Timeframe, floor_time
from trading.regime import (
    NOT_APPLICABLE,
    TIMEFRAME,
    WINDOW,
    Inputs,
    Regime,
    Standing,
    classify,
    follow,
    momentum,
    most_candles,
    volatility,
)
from trading.regime.classifier import Optional

# An exchange is closed for a long weekend; what is older than that is not known any more.
STILL_FRESH = timedelta(days=4)

References = Mapping[Reference, Instrument]
AllSeries = Mapping[int, CandleSeries]


def is_due(close_time: datetime) -> bool:
    return floor_time(close_time, TIMEFRAME) == close_time


@db.transaction
def record(venue: str, close_time: datetime) -> RegimeSnapshot | None:
    """The venue's class at this close, kept once; asked again, the row that is there.

    None where there is nothing to read it from: the venue lists no crypto reference, or that has no
    candle that closed now.
    """
    references = _references(venue)
    if Reference.CRYPTO not in references:
        return None
    last = RegimeSnapshot.objects.filter(
        venue_id=venue, timeframe=TIMEFRAME.value, close_time__lte=close_time
    ).order_by("-close_time").first()  # fmt: skip
    if last is not None and last.close_time == close_time:
        return last
    series = _read(references, close_time)
    if not _has_closed(series, references, close_time):
        # Whoever brought its minutes may not have made an hour of them yet.
        if not _make_hours(venue, references, close_time):
            return None
        series = _read(references, close_time)
        if not _has_closed(series, references, close_time):
            return None
    return _keep(venue, close_time, references, series, last)


def _read(references: References, close_time: datetime) -> AllSeries:
    ids = [item.pk for item in references.values()]
    return selectors.series(ids, TIMEFRAME, close_time, most_candles(TIMEFRAME))


def _has_closed(series: AllSeries, references: References, close_time: datetime) -> bool:
    crypto = series.get(references[Reference.CRYPTO].pk)
    return crypto is not None and int(crypto.close_times[-1]) == int(close_time.timestamp())


def _make_hours(venue: str, references: References, close_time: datetime) -> int:
    """The candles that close now, of the finer ones that are there; how many were new."""
    clock = MarketClock.objects.get(venue_id=venue)
    return candles.record_coarser(
        [item.pk for item in references.values()], Timeframe(clock.timeframe), {TIMEFRAME},
        after=close_time - TIMEFRAME.duration, until=close_time,
    )  # fmt: skip


def _keep(
    venue: str,
    close_time: datetime,
    references: References,
    series: AllSeries,
    last: RegimeSnapshot | None,
) -> RegimeSnapshot:
    reference = references[Reference.CRYPTO]
    closes = _window(series[reference.pk], close_time)
    inputs = Inputs(
        crypto_volatility=volatility(closes),
        crypto_momentum=momentum(closes),
        equity_momentum=_equity_momentum(references, series, close_time),
        vix=_vix(references, series, close_time),
    )
    reading = classify(inputs)
    standing = follow(_standing(last, close_time), reading.regime)
    kept, _ = RegimeSnapshot.objects.get_or_create(
        venue_id=venue,
        timeframe=TIMEFRAME.value,
        close_time=close_time,
        defaults={
            "reference": reference,
            "regime": standing.regime or "",
            "previous": last.regime if last else "",
            "observed": reading.regime or "",
            "rule": reading.rule,
            "inputs": inputs.as_json(),
            "volatility": inputs.crypto_volatility,
            "momentum": inputs.crypto_momentum,
            "candles": len(closes),
        },
    )
    return kept


def _references(venue: str) -> dict[Reference, Instrument]:
    wanted = [symbol for symbols in SYMBOLS.values() for symbol in symbols]
    listed = {
        item.symbol: item for item in Instrument.objects.filter(venue_id=venue, symbol__in=wanted)
    }
    found = {}
    for kind, symbols in SYMBOLS.items():
        first = next((listed[symbol] for symbol in symbols if symbol in listed), None)
        if first is not None:
            found[kind] = first
    return found


def _standing(last: RegimeSnapshot | None, close_time: datetime) -> Standing | None:
    """How things stood after the candle before; over a hole, nothing was observed but what is in
    force."""
    if last is None:
        return None
    follows = last.close_time == close_time - TIMEFRAME.duration
    observed = last.observed if follows else last.regime
    return Standing(last.in_force, Regime(observed) if observed else None)


def _equity_momentum(references: References, series: AllSeries, close_time: datetime) -> Optional:
    if Reference.EQUITY not in references:
        return NOT_APPLICABLE
    found = _fresh(series.get(references[Reference.EQUITY].pk), close_time)
    return None if found is None else momentum(_window(found, close_time))


def _vix(references: References, series: AllSeries, close_time: datetime) -> Optional:
    if Reference.VIX not in references:
        return NOT_APPLICABLE
    found = _fresh(series.get(references[Reference.VIX].pk), close_time)
    return None if found is None else float(found.close[-1])


def _fresh(series: CandleSeries | None, close_time: datetime) -> CandleSeries | None:
    if series is None or series.close_times[-1] < (close_time - STILL_FRESH).timestamp():
        return None
    return series


def _window(series: CandleSeries, close_time: datetime) -> FloatArray:
    """The closes of the last year."""
    first = np.searchsorted(series.close_times, (close_time - WINDOW).timestamp(), side="right")
    return series.close[first:]
