"""Stored candles and terms, as a backtest takes them."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from apps.market import selectors as market
from apps.market import sessions
from apps.market.models import FundingRate, Instrument
from trading.backtest import Market
from trading.backtest.settings import always_open
from trading.candles import Timeframe


def market_of(
    instrument: Instrument,
    finest: Timeframe,
    looked_at: Timeframe,
    until: datetime,
    *,
    after: datetime | None = None,
    warmup: int = 0,
) -> Market:
    """All that is stored of the instrument up to `until`: the finest candles, which orders meet,
    and those that the strategy looks at. With `after`: what closed later than it, and as many that
    the strategy looks at from before as its warm-up takes.
    """
    rates = FundingRate.objects.filter(instrument=instrument, time__lte=until).order_by("time")
    if after is not None:
        rates = rates.filter(time__gt=after)
    return Market(
        rules=instrument.rules,
        candles=market.history(instrument.pk, finest, until, after=after),
        series=market.whole_series(instrument, looked_at, until, after=after, warmup=warmup),
        funding=tuple(rates.values_list("time", "rate")),
        is_open=always_open
        if instrument.calendar == sessions.ALWAYS
        else partial(sessions.is_open, instrument.calendar),
        session_end=partial(sessions.session_end, instrument.calendar),
        is_fed=market.is_fed(instrument.venue_id),
    )


def markets_of(
    instruments: Sequence[Instrument], finest: Timeframe, looked_at: Timeframe, until: datetime
) -> list[Market]:
    return [market_of(each, finest, looked_at, until) for each in instruments]
