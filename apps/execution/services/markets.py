"""What is known of a signal's market before anybody is asked: the same for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import db
from apps.common.models import Mode
from apps.execution.models import Position, Reservation
from apps.execution.services.placing import Terms
from apps.market import selectors as market
from apps.market.models import RegimeSnapshot
from apps.strategies.models import StrategyVersion
from trading.candles import CandleSeries, Timeframe, floor_time, in_candles
from trading.correlation import WINDOW, apart
from trading.gates.risk_facts import NOT_PROVIDED, MarketFacts, Told
from trading.regime.measures import LEAST_CANDLES, volatility
from trading.regime.volatilities import most_looked_at


class Newest(NamedTuple):
    """What has come since the close that is decided about; by the venue's clock, and for who types
    as `MarketClock.acting_at`. `price` None = not known, `candle_age` of what was looked at."""

    now: datetime
    price: Decimal | None
    candle_age: Decimal


@dataclass(frozen=True, slots=True)
class Around:
    """`apart`: instruments that somebody holds and that are known not to move with this one.
    `newest`: None where nothing has come since."""

    facts: MarketFacts = field(default_factory=MarketFacts)
    apart: frozenset[int] = frozenset()
    newest: Newest | None = None

    def seen(
        self, mode: str, now: datetime, spoken_at: datetime, *, in_turn: bool = False
    ) -> MarketFacts:
        """At the wall's `now`. On paper a signal does not age: it is filled from the candle after
        it, whenever that is read. `in_turn`: that candle has not been taken yet, so on paper it is
        still the moment of the close."""
        facts = self.facts
        if self.newest is not None and not (in_turn and mode != Mode.LIVE):
            facts = as_of(self.newest, facts)
        if mode != Mode.LIVE:
            return facts
        age = Decimal(int((now - spoken_at).total_seconds()))
        return replace(facts, signal_age=age)


def as_of(newest: Newest, facts: MarketFacts) -> MarketFacts:
    """The price of the signal stays: how far the market has run from it is a fact of its own."""
    return replace(
        facts,
        now=newest.now,
        reference_price=newest.price,
        price_now=newest.price,
        candle_age=newest.candle_age,
    )


def look_around(terms: Sequence[Terms], close_time: datetime) -> dict[int, Around]:
    """By signal. To be asked before any lock is held: it reads thousands of candles."""
    found = {each.signal.pk: Around() for each in terms}
    entries = [each for each in terms if each.asked.action.is_entry]
    if not entries:
        return found
    first = entries[0].signal
    timeframe = _timeframe(entries[0])
    entered = {each.asked.instrument for each in entries}
    series = market.series(sorted(entered | _anybodys()), timeframe, close_time, WINDOW + 1)
    blocked = _is_blocked(first.version, first.instrument.venue_id, close_time)
    wild = volatilities(sorted(entered), timeframe, close_time, first.instrument.venue_id)
    for each in entries:
        price, own = each.asked.price, each.asked.instrument
        facts = MarketFacts(
            now=close_time,
            volatility=wild.get(own, NOT_PROVIDED),
            reference_price=price,
            signal_price=price,
            price_now=price,
            # A strategy speaks when its newest candle closes.
            candle_age=in_candles(close_time - each.signal.candle_close_time, timeframe),
            is_regime_blocked=blocked,
        )
        found[each.signal.pk] = Around(facts, _apart(own, series))
    return found


@db.transaction_required
def look_again(
    terms: Mapping[int, Terms], around: Mapping[int, Around], close_time: datetime
) -> Mapping[int, Around]:
    """With what has come since that close: a run may be decided late, and locks take their time.
    Asked under the locks, once for everybody.
    """
    entries = [each for each in terms.values() if each.asked.action.is_entry]
    if not entries:
        return around
    now, finest = market.time_at(entries[0].signal.instrument.venue_id)
    if floor_time(now, finest) <= close_time:
        return around
    timeframe = _timeframe(entries[0])
    prices = market.latest_prices(sorted({each.asked.instrument for each in entries}), now)
    again = dict(around)
    for each in entries:
        key, price = each.signal.pk, prices.get(each.asked.instrument)
        age = in_candles(now - each.signal.candle_close_time, timeframe)
        again[key] = replace(around[key], newest=Newest(now, price, age))
    return again


def _timeframe(terms: Terms) -> Timeframe:
    """Of the candles by which it is judged: the version's, or the venue's finest where no strategy
    has looked at any."""
    signal = terms.signal
    if signal.run_id is not None:
        return Timeframe(signal.version.timeframe)
    return market.finest(signal.instrument.venue_id)


def _anybodys() -> set[int]:
    """The instruments that anybody holds or is entering."""
    held = Position.objects.exclude(quantity=0).values_list("instrument_id", flat=True)
    entering = Reservation.objects.filter(released_at=None)
    ordered = entering.values_list("order__instrument_id", flat=True)
    return {*held.distinct(), *ordered.distinct()}


def _apart(own: int, series: Mapping[int, CandleSeries]) -> frozenset[int]:
    if own not in series:
        return frozenset()
    return apart(series[own], {pk: other for pk, other in series.items() if pk != own})


def volatilities(
    instruments: Sequence[int], timeframe: Timeframe, close_time: datetime, venue: str
) -> dict[int, Told[Decimal]]:
    """The percentile of each; None = not known. Where no feed brings candles, or a year holds too
    few of them, it is never provided, and the instruments are absent."""
    most = most_looked_at(timeframe)
    if most < LEAST_CANDLES or not market.is_fed(venue):
        return {}
    series = market.series(instruments, timeframe, close_time, most)
    found: dict[int, Told[Decimal]] = dict.fromkeys(instruments)
    for pk, candles in series.items():
        percentile = volatility(candles.close)
        found[pk] = None if percentile is None else Decimal(repr(percentile))
    return found


def _is_blocked(version: StrategyVersion, venue: str, close_time: datetime) -> Told[bool]:
    """Whether the version enters nothing in the market there is; None = nobody knows which."""
    if not version.blocked_regimes:
        return NOT_PROVIDED
    rows = RegimeSnapshot.objects.filter(venue_id=venue, close_time__lte=close_time)
    newest = rows.order_by("-close_time").first()
    if newest is None or newest.in_force is None:
        return None
    return newest.in_force.value in version.blocked_regimes
