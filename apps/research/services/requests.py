"""What a person asks to be computed, checked against what there is to compute it from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.market import selectors as market
from apps.market.models import Instrument, MarketClock
from apps.market.services.importing import timeframe_named
from apps.research.services.limits import LimitsChoice, limited
from apps.research.services.terms import Terms, built_in, parsed_parameters, terms_of
from apps.strategies.models import StrategyVersion
from trading.candles import Timeframe

LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Request:
    """Empty = as the version says; no `began_at` = from the first candle on, no `until` = as far as
    the clock of the venue has got. `terms` are given by the names of `Terms`. Who asks twice with
    one `key` gets one run.
    """

    version: StrategyVersion
    terms: Mapping[str, object]
    instruments: Sequence[Instrument] = ()
    timeframe: str = ""
    began_at: datetime | None = None
    until: datetime | None = None
    key: str = ""
    limits: LimitsChoice = LimitsChoice.MINE


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that can be computed. `asked` is of the request as it was made: of two that are
    made one after the other it is the same, though the clock has moved on.
    """

    instruments: Sequence[Instrument]
    timeframe: Timeframe
    finest: Timeframe
    began_at: datetime | None
    until: datetime
    terms: Terms
    asked: str


def plan(request: Request, user: User, now: datetime) -> Plan:
    """Raises Refused: those of `terms_of`, and UNKNOWN_STRATEGY, UNKNOWN_TIMEFRAME, NO_INSTRUMENTS,
    ONE_VENUE, CURRENCY_MISMATCH, NO_MARKET_CLOCK, PERIOD_NOT_USABLE, NO_CANDLES, TOO_MANY_CANDLES,
    KEY_NOT_USABLE.
    """
    if len(request.key) > LONGEST_KEY:
        raise Refused("KEY_NOT_USABLE", f"A key has at most {LONGEST_KEY} characters.")
    strategy = built_in(request.version.strategy.code)
    terms = terms_of(request.terms)
    parsed_parameters(strategy, {**request.version.parameters, **terms.parameters})
    instruments = _instruments(request)
    terms = replace(terms, currency=_currency(instruments, terms.currency))
    terms = limited(terms, strategy, request.limits, user, now)
    timeframe = timeframe_named(request.timeframe or request.version.timeframe)
    clock = _clock(instruments)
    until = clock.now if request.until is None else min(request.until, clock.now)
    if request.began_at is not None and request.began_at >= until:
        raise Refused("PERIOD_NOT_USABLE", f"It begins at {request.began_at}, and ends at {until}.")
    finest = _finest(instruments, Timeframe(clock.timeframe), timeframe, request.began_at, until)
    return Plan(
        instruments, timeframe, finest, request.began_at, until, terms,
        asked=_hash(request, instruments, timeframe, terms),
    )  # fmt: skip


def _instruments(request: Request) -> list[Instrument]:
    chosen = {item.pk: item for item in request.instruments or request.version.instruments.all()}
    if not chosen:
        raise Refused("NO_INSTRUMENTS", "Name the instruments: the version has none of its own.")
    if len({item.venue_id for item in chosen.values()}) > 1:
        raise Refused("ONE_VENUE", "The instruments of one backtest are of one venue.")
    return sorted(chosen.values(), key=lambda item: item.symbol)


def _currency(instruments: Sequence[Instrument], given: str) -> str:
    quotes = {item.quote for item in instruments}
    if len(quotes) > 1 or (given and given not in quotes):
        held = given or "one currency"
        raise Refused(
            "CURRENCY_MISMATCH", f"The instruments are paid in {sorted(quotes)}, not in {held}."
        )
    return quotes.pop()


def _clock(instruments: Sequence[Instrument]) -> MarketClock:
    clock = MarketClock.objects.filter(venue_id=instruments[0].venue_id).first()
    if clock is None:
        raise Refused("NO_MARKET_CLOCK", f"{instruments[0].venue_id} has no market clock.")
    return clock


def _finest(
    instruments: Sequence[Instrument],
    of_venue: Timeframe,
    looked_at: Timeframe,
    began_at: datetime | None,
    until: datetime,
) -> Timeframe:
    """The venue's own candles, as on paper, where they cover all of those that the strategy looks
    at; else these. The candles that orders meet are counted against the limit.
    """
    seen = market.spans([item.pk for item in instruments], looked_at, began_at, until)
    for item in instruments:
        if item.pk not in seen:
            raise Refused(
                "NO_CANDLES", f"No {looked_at} candles of {item.symbol} are stored of that period."
            )
    finest = looked_at
    if of_venue.minutes < looked_at.minutes:
        finer = market.spans(list(seen), of_venue, began_at, until)
        reach = all(
            pk in finer and _is_all_of(seen[pk], looked_at, finer[pk], of_venue) for pk in seen
        )
        finest, seen = (of_venue, finer) if reach else (looked_at, seen)
    count = sum(span.candles for span in seen.values())
    if count > settings.BACKTEST_CANDLES:
        raise Refused(
            "TOO_MANY_CANDLES",
            f"{count} {finest} candles are more than the {settings.BACKTEST_CANDLES} of one "
            "backtest: choose a shorter period or fewer instruments.",
        )
    return finest


def _is_all_of(
    coarse: market.Span, looked_at: Timeframe, fine: market.Span, of_venue: Timeframe
) -> bool:
    """Whether the finer candles begin as early, end as late and are as many as the others take.
    Where one is missing inside a coarser candle, that one would have no close to trade at.
    """
    is_whole = fine.candles * of_venue.minutes >= coarse.candles * looked_at.minutes
    ends = (coarse.last + looked_at.duration, fine.last + of_venue.duration)
    return is_whole and fine.first <= coarse.first and ends[1] >= ends[0]


def _hash(
    request: Request, instruments: Sequence[Instrument], timeframe: Timeframe, terms: Terms
) -> str:
    moments = (request.began_at, request.until)
    asked: dict[str, Any] = {
        "version": request.version.pk,
        "instruments": [item.pk for item in instruments],
        "timeframe": str(timeframe),
        "period": [None if at is None else at.timestamp() for at in moments],
        "terms": terms.as_json(),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
