"""Step 2: the stops that no venue holds. Looked after with every candle of the finest timeframe and
whenever a price is known otherwise, whatever else goes on: no gate, no switch and no strategy is
asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db.models import QuerySet, Value
from django.db.models.functions import Greatest, Now

from apps.common import bulk, db
from apps.common.apart import each_apart
from apps.execution.models import Order, Position, PriceWatch
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services.accounts import free_first, lock_free
from apps.execution.services.closes import Close
from apps.execution.services.flattening import flatten
from apps.execution.services.late_facts import Met, Outcome, tell
from apps.execution.services.orders import Step, take_steps
from apps.market import selectors as market
from apps.market.models import Instrument, MarketClock
from trading.candles import Candle, Timeframe
from trading.exits import ExitReason, reason_of
from trading.instruments import InstrumentRules
from trading.orders import Leg, OrderStatus, OrderType
from trading.software_stops import at_one_price, look

REACHED = "STOP_REACHED"  # the reason of a stop of ours that has done its part

# Accounts whose stops are looked after in one transaction.
CHUNK = 2_000


@db.durable
def watch_candles(close: Close) -> int:
    """Let the candles that have closed meet the stops that we hold; the number of those reached."""
    ids = list(close.instruments.get(close.finest, ()))
    held = _held().filter(instrument_id__any_of=ids)
    if not held.exists():
        return 0
    reached = _watch(held.filter(active_from__lte=close.open_time), close.candles(), close.time)
    _note(close.venue, close.time)  # only now: who fails at every candle has watched none
    return reached


@db.durable
def watch_late(candles: Mapping[int, Candle], now: datetime) -> int:
    """Let candles of one moment that came late meet them; the number reached. Their positions are
    left now: then nobody saw that price."""
    opened = next(iter(candles.values())).open_time
    held = _held().filter(instrument_id__any_of=list(candles), active_from__lte=opened)
    return _watch(held, candles, now, is_late=True)


@db.durable
def watch_prices(venue: str, prices: Mapping[int, Decimal], now: datetime) -> int:
    """Let the prices of this moment meet them, as a stream tells of them; the number reached.
    `prices` are by instrument, `now` is the venue's time. No trailing stop follows them: moved
    before the candle of that time is taken, it would never meet that candle's low or high.
    Nor is anybody waited for who is at an account: its stop meets the next price, and the candle.
    """
    held = _held().filter(instrument_id__any_of=list(prices), active_from__lte=now)
    candles = {pk: at_one_price(price, now) for pk, price in prices.items()}
    return _watch(held, candles, now, follows=False, waits=False)


@db.durable
def watch_all() -> int:
    """At every venue the last price that is known. This is also the sign that somebody watches.
    One venue that fails stops no other, and is raised when these are done."""
    clocks = MarketClock.objects.order_by("venue_id")
    return sum(each_apart(partial(_watch_venue, clock) for clock in clocks))


def _watch_venue(clock: MarketClock) -> int:
    of_venue = _held().filter(instrument__venue_id=clock.venue_id)
    ids = sorted(set(of_venue.values_list("instrument_id", flat=True)))
    if not ids:
        return 0
    prices = market.latest_prices(ids, clock.now)
    reached = watch_prices(clock.venue_id, prices, clock.now)
    # Of all that the venue lists: a minute without a trade has no candle, so that those of a quiet
    # instrument do not tell whether prices still come.
    everything = [row.pk for row in market.instruments(clock.venue_id)]
    newest = market.last_closes(everything, Timeframe(clock.timeframe)).values()
    _note(clock.venue_id, min(max(newest, default=clock.now), clock.now))
    return reached


def _held() -> QuerySet[Order]:
    return Order.objects.filter(held_by_us=True, status=OrderStatus.PENDING)


def _watch(
    held: QuerySet[Order], candles: Mapping[int, Candle], now: datetime, *, follows: bool = True,
    is_late: bool = False, waits: bool = True,
) -> int:  # fmt: skip
    """A candle comes once: whoever is at an account then is waited for, when all others are done. A
    price is followed by another (`waits` off), and what it touched stays in its candle."""
    accounts = list(held.order_by("account_id").values_list("account_id", flat=True).distinct())
    rows = Instrument.objects.filter(pk__any_of=list(candles)) if accounts else ()
    rules = {row.pk: row.rules for row in rows}
    watch = partial(
        _watch_chunk, held=held, candles=candles, rules=rules, now=now, follows=follows,
        is_late=is_late,
    )  # fmt: skip
    if waits:
        return sum(free_first({pk: pk for pk in accounts}, CHUNK, watch))
    chunks = (accounts[start : start + CHUNK] for start in range(0, len(accounts), CHUNK))
    return sum(watch(chunk)[0] for chunk in chunks)


@db.transaction
def _watch_chunk(
    accounts: Sequence[int],
    *,
    held: QuerySet[Order],
    candles: Mapping[int, Candle],
    rules: Mapping[int, InstrumentRules],
    now: datetime,
    follows: bool,
    is_late: bool,
) -> tuple[int, list[int]]:
    """The number reached, and the accounts that somebody else is at."""
    free = lock_free(accounts)
    ids = held.filter(account_id__any_of=free).values_list("pk", flat=True)
    stops = read_orders(pk__any_of=list(ids))
    seen = [
        (stop, look(stop.ticket(), candles[stop.instrument_id], rules[stop.instrument_id]))
        for stop in stops
        if stop.instrument_id in candles
    ]
    if follows:
        waiting = [(stop, looked.trigger) for stop, looked in seen if not looked.is_reached]
        _follow(waiting, candles)
    reached = [stop for stop, looked in seen if looked.is_reached]
    if is_late and reached:
        met = [Met(stop, Outcome.LEAVING) for stop in reached]
        tell(met, candles[reached[0].instrument_id].open_time, now)
    _leave(reached, now)
    return len(reached), [pk for pk in accounts if pk not in free]


def _follow(
    stops: Iterable[tuple[OrderRow, Decimal | None]], candles: Mapping[int, Candle]
) -> None:
    """Trailing stops come nearer; this candle, looked at again, is not to reach them there."""
    moved = [
        (stop.id, trigger, candles[stop.instrument_id].close_time)
        for stop, trigger in stops
        if trigger != stop.trigger_price
    ]
    bulk.update_rows(Order, ("trigger_price", "active_from"), moved)


@db.transaction_required
def _leave(reached: Sequence[OrderRow], now: datetime) -> None:
    """The exits of those reached. A stop that was reached protects no more: where its exit comes to
    nothing the position is naked, and the ladder of trading/rungs.py goes on."""
    by_cause: dict[ExitReason, list[OrderRow]] = {}
    for stop in reached:
        cause = reason_of(OrderType(stop.order_type), Leg.STOP)
        by_cause.setdefault(cause, []).append(stop)
    for cause, stops in by_cause.items():
        flatten(_positions_of(stops), cause, now=now)
    take_steps([Step(stop.id, stop.status, OrderStatus.CANCELED, REACHED) for stop in reached], now)


def _positions_of(stops: Sequence[OrderRow]) -> QuerySet[Position]:
    keys = {(stop.subscription_id, stop.instrument_id) for stop in stops}
    rows = Position.objects.filter(subscription_id__any_of={pk for pk, _ in keys})
    ids = [
        pk
        for pk, *key in rows.values_list("pk", "subscription_id", "instrument_id")
        if tuple(key) in keys
    ]
    return Position.objects.filter(pk__any_of=ids)


def _note(venue: str, through: datetime) -> None:
    """That somebody has looked, and how far; never back."""
    rows = PriceWatch.objects.filter(venue_id=venue)
    if not rows.update(looked_at=Now(), through=Greatest("through", Value(through))):
        first = PriceWatch(venue_id=venue, looked_at=Now(), through=through)
        PriceWatch.objects.bulk_create([first], ignore_conflicts=True)
