"""Step 1: the paper venue matches working orders on the candle that has closed, per chunk of
accounts."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from apps.brokers.models import BrokerAccount
from apps.brokers.ports import MatchingVenue
from apps.brokers.registry import paper_venue
from apps.common import db, metrics
from apps.common.apart import each_apart, in_halves
from apps.common.models import Mode
from apps.execution.models import Order, Position, Reservation
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services import late_facts
from apps.execution.services.accounts import free_cash, lock_accounts
from apps.execution.services.amendments import carry_on
from apps.execution.services.closes import Close
from apps.execution.services.fills import record_fills
from apps.market.models import Instrument
from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.margin import locked
from trading.matching import AT_OPEN, INSIDE, Book, Matched
from trading.orders import PROTECTIVE, WORKING, Leg

logger = logging.getLogger(__name__)
CHUNK = 2_000


class Held(NamedTuple):
    """Both are signed."""

    quantity: Decimal
    cost: Decimal


class Passing(NamedTuple):
    """What goes over the orders of a book, and over which of them. `told_at` is the venue's time
    now, where the candle came late and the owners are told."""

    orders: Mapping[str, Any]
    run: Callable[[MatchingVenue, Candle], Matched]
    told_at: datetime | None = None


OVER_OPEN = Passing(
    {"order_type__in": sorted(AT_OPEN)}, lambda venue, candle: venue.pass_open(candle)
)
OVER_INSIDE = Passing(
    {"order_type__in": sorted(INSIDE)}, lambda venue, candle: venue.pass_inside(candle)
)
LATE = OVER_INSIDE._replace(orders={**OVER_INSIDE.orders, "leg__in": sorted(PROTECTIVE)})


@db.durable
def match_at_open(close: Close) -> int:
    """Fill market orders at the open; their stops and targets are written with the fill. The number
    of entries among them."""
    return _match(close, OVER_OPEN)


@db.durable
def match_inside(close: Close) -> int:
    """Fill the stops and limits that the candle reached, those written at its open included. The
    number of entries among them: their stops are written now and may be reached by the same candle.
    """
    return _match(close, OVER_INSIDE)


@db.durable
def match_late(close: Close, candles: Mapping[int, Candle]) -> None:
    """Fill the stops and targets that these candles of one moment would have reached, had they come
    in time. What was written or moved since, or has traded, is active from then on, and does not
    meet an earlier one."""
    candle = next(iter(candles.values()))
    accounts = _accounts(list(candles), LATE, candle.open_time)
    _over(close, accounts, candles, LATE._replace(told_at=close.time), candle.close_time)


def _match(close: Close, passing: Passing) -> int:
    ids = list(close.instruments.get(close.finest, ()))
    accounts = _accounts(ids, passing, close.open_time)
    return _over(close, accounts, close.candles(), passing, close.time) if accounts else 0


def _over(
    close: Close,
    accounts: Sequence[int],
    candles: Mapping[int, Candle],
    passing: Passing,
    now: datetime,
) -> int:
    found = Instrument.objects.filter(pk__any_of=list(candles)) if accounts else ()
    rules = {row.pk: row.rules for row in found}
    match = partial(_match_chunk, candles=candles, rules=rules, passing=passing, now=now)
    tell = partial(_tell, close)
    chunks = (accounts[start : start + CHUNK] for start in range(0, len(accounts), CHUNK))
    return sum(each_apart(partial(in_halves, match, chunk, tell) for chunk in chunks))


def _tell(close: Close, account: int) -> None:
    """Nobody can fill its orders from this candle; those of all others are."""
    logger.error("the orders of account %s could not meet the candle of %s", account, close.time)
    metrics.UNMET_ACCOUNTS.labels(close.venue).inc()
    close.failed.add(account)


def _accounts(ids: Sequence[int], passing: Passing, opened: datetime) -> list[int]:
    working = Order.objects.filter(
        instrument_id__in=ids,
        mode=Mode.PAPER,
        status__in=sorted(WORKING),
        active_from__lte=opened,
        **passing.orders,
    )
    return list(working.order_by("account_id").values_list("account_id", flat=True).distinct())


@db.transaction
def _match_chunk(
    accounts: Sequence[int],
    candles: Mapping[int, Candle],
    rules: Mapping[int, InstrumentRules],
    passing: Passing,
    now: datetime,
) -> int:
    lock_accounts(accounts)
    opened = next(iter(candles.values())).open_time
    orders = read_orders(
        account_id__any_of=accounts,
        instrument_id__in=list(candles),
        mode=Mode.PAPER,
        status__in=sorted(WORKING),
        active_from__lte=opened,
        **passing.orders,
    )
    passed = _all(
        passing.run(paper_venue(book), candles[instrument_id])
        for instrument_id, book in _books(accounts, orders, rules)
    )
    if passing.told_at is not None:
        late_facts.tell(late_facts.reached(orders, passed), opened, passing.told_at)
    record_fills(orders, passed.fills, passed.reports, rules, now)
    carry_on(orders, passed, now)
    filled = {fill.client_order_id for fill in passed.fills}
    return sum(order.leg == Leg.ENTRY and order.client_order_id in filled for order in orders)


def _all(passes: Iterable[Matched]) -> Matched:
    together = list(passes)
    return Matched(
        fills=tuple(fill for matched in together for fill in matched.fills),
        reports=tuple(report for matched in together for report in matched.reports),
        moves=tuple(moved for matched in together for moved in matched.moves),
    )


def _books(
    accounts: Sequence[int], orders: Sequence[OrderRow], rules: Mapping[int, InstrumentRules]
) -> Iterator[tuple[int, Book]]:
    """A book per instrument, by symbol. All share the accounts' cash, so it is spent only once."""
    free = free_cash(accounts)
    slippage = dict(
        BrokerAccount.objects.filter(pk__any_of=accounts).values_list("pk", "paper_slippage_bps")
    )
    reserved = _reserved(orders)
    held = _positions(orders)
    by_instrument: dict[int, list[OrderRow]] = {}
    for order in orders:
        by_instrument.setdefault(order.instrument_id, []).append(order)
    for instrument_id in sorted(by_instrument, key=lambda pk: rules[pk].symbol):
        yield (
            instrument_id,
            Book(
                rules=rules[instrument_id],
                orders=[order.ticket() for order in by_instrument[instrument_id]],
                free_cash=free,
                slippage_bps=slippage,
                positions={pk: row.quantity for pk, row in held[instrument_id].items()},
                reserved=reserved,
                locked={
                    pk: locked(row.cost, rules[instrument_id].initial_margin)
                    for pk, row in held[instrument_id].items()
                },
            ),
        )


def _reserved(orders: Sequence[OrderRow]) -> dict[str, Decimal]:
    rows = Reservation.objects.filter(
        order_id__any_of=[order.id for order in orders], released_at=None
    )
    return dict(rows.values_list("order__client_order_id", "amount"))


def _positions(orders: Sequence[OrderRow]) -> dict[int, dict[int, Held]]:
    """By instrument and subscription."""
    rows = Position.objects.filter(
        subscription_id__any_of={order.subscription_id for order in orders}
    )
    found: dict[int, dict[int, Held]] = defaultdict(dict)
    for instrument, subscription, quantity, cost in rows.values_list(
        "instrument_id", "subscription_id", "quantity", "cost"
    ):
        found[instrument][subscription] = Held(quantity, cost)
    return found
