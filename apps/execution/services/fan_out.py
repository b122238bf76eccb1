"""Steps 4 and 5: every subscription at the cut-off gets exactly one decision for each signal, and
an order where the answer is yes. One transaction per chunk; no network in it.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.common import bulk, db, logs, metrics
from apps.execution.models import Order
from apps.execution.rows import OrderRow, new_order
from apps.execution.services import reservations
from apps.execution.services.cancelling import stop_entering
from apps.execution.services.facts import Facts, Holding, Subscriber, read_facts
from apps.execution.services.orders import write_orders
from apps.market import sessions
from apps.risk import selectors as risk_rows
from apps.risk import services as risk
from apps.strategies import selectors as strategies
from apps.strategies import services as runs_of
from apps.strategies.models import Run, Signal, StrategySubscription, StrategyVersion
from trading.gates.values import Outcome, Snapshot
from trading.orders import Leg, OrderType, client_order_id
from trading.signals import Action

# Subscriptions of one chunk: all those of a user stay together.
CHUNK = 2_000


@db.durable
def fan_out(version_id: int, close_time: datetime) -> int:
    """Decide every signal of one version at one close together, ordered by symbol. The number of
    decisions made now; those that exist already are left alone, so it is harmless to repeat.
    """
    runs = strategies.runs_to_decide(version_id, close_time)
    if not runs:
        return 0
    with logs.bound(version=version_id, runs=[run.pk for run in runs]):
        return _decide(runs, close_time)


def _decide(runs: Sequence[Run], close_time: datetime) -> int:
    started = time.perf_counter()
    signals = strategies.signals_of(runs)
    # Before any lock is held: to load an exchange calendar takes seconds.
    open_markets = {
        signal.instrument_id: sessions.is_open(signal.instrument.calendar, close_time)
        for signal in signals
    }
    made = sum(
        _decide_chunk(chunk, runs, signals, open_markets, close_time) for chunk in _chunks(runs)
    )
    counted = risk_rows.decisions_by_run(runs)
    complete = [run.pk for run in runs if counted.get(run.pk, 0) == run.expected]
    runs_of.mark_decided(complete, close_time)
    metrics.FAN_OUT_SECONDS.observe(time.perf_counter() - started)
    return made


def _chunks(runs: Sequence[Run]) -> Iterator[list[int]]:
    """The subscriptions of all the runs, by user, in chunks that never split a user."""
    expected = {pk for run in runs for pk in run.subscription_ids}
    owners = StrategySubscription.objects.filter(pk__any_of=expected).order_by("user_id", "id")
    chunk: list[int] = []
    last_user = None
    for pk, user_id in owners.values_list("pk", "user_id"):
        if len(chunk) >= CHUNK and user_id != last_user:
            yield chunk
            chunk = []
        chunk.append(pk)
        last_user = user_id
    if chunk:
        yield chunk


@db.transaction
def _decide_chunk(
    subscription_ids: Sequence[int],
    runs: Sequence[Run],
    signals: Sequence[Signal],
    open_markets: Mapping[int, bool | None],
    close_time: datetime,
) -> int:
    version = signals[0].version
    facts = read_facts(version, subscription_ids, signals, close_time)
    expected = {run.pk: frozenset(run.subscription_ids) for run in runs}
    judged = [
        _decide_one(facts, subscriber, signal, version, open_markets[signal.instrument_id])
        for subscriber in facts.subscribers
        for signal in signals
        if subscriber.id in expected[signal.run_id or 0]
        and (signal.pk, subscriber.id) not in facts.decided
    ]
    decision_ids = risk.record_decisions(judged, close_time)
    _write_orders(list(zip(decision_ids, judged, strict=True)), signals, close_time)
    counts = Counter((item.outcome.value, item.code) for item in judged)
    transaction.on_commit(lambda: _count(counts))
    return len(judged)


def _decide_one(
    facts: Facts,
    subscriber: Subscriber,
    signal: Signal,
    version: StrategyVersion,
    is_market_open: bool | None,  # noqa: FBT001 - one more fact
) -> risk.Judged:
    action = Action(signal.action)
    holding = subscriber.holdings.get(signal.instrument_id) or Holding()
    snapshot = Snapshot(
        rules=signal.instrument.rules,
        trading_state=facts.state_of(subscriber, version),
        is_subscribed=subscriber.is_running,
        is_symbol_allowed=subscriber.instrument_ids is None
        or signal.instrument_id in subscriber.instrument_ids,
        is_market_open=is_market_open,
        account_currency=subscriber.currency,
        candles_seen=None if signal.run is None else signal.run.candles_seen,
        free_cash=facts.free_cash.get(subscriber.account_id),
        open_positions=subscriber.open_positions,
        day_pnl=subscriber.day_pnl,
        position_quantity=holding.quantity,
        is_entering=holding.is_entering,
        is_leaving=holding.is_leaving,
    )
    in_use = subscriber.in_use
    if snapshot.turns(action):  # what is being left makes room for it
        snapshot = replace(snapshot, open_positions=subscriber.open_positions - 1)
        in_use -= abs(holding.cost)
    judged = risk.decide(
        risk.Case(
            user_id=subscriber.user_id,
            signal_id=signal.pk,
            subscription_id=subscriber.id,
            account_id=subscriber.account_id,
            instrument_id=signal.instrument_id,
            mode=subscriber.mode,
            action=action,
            price=signal.reference_price,
            stop_price=signal.stop_price,
            snapshot=snapshot,
            limits=subscriber.limits,
            capital_in_use=in_use,
        )
    )
    if judged.outcome is Outcome.ORDERED:
        _remember(facts, subscriber, judged)
    return judged


def _remember(facts: Facts, subscriber: Subscriber, judged: risk.Judged) -> None:
    """What was just ordered counts for the decisions that follow in this chunk."""
    case = judged.case
    holding = subscriber.holdings.setdefault(case.instrument_id, Holding())
    if not case.action.is_entry:
        holding.is_leaving = True
        return
    holding.is_entering = True
    subscriber.in_use += max(judged.intent.cost, judged.intent.notional)
    facts.free_cash[subscriber.account_id] -= judged.intent.cost


def _write_orders(
    decided: Sequence[tuple[int, risk.Judged]], signals: Sequence[Signal], close_time: datetime
) -> None:
    ordered = [(pk, item) for pk, item in decided if item.outcome is Outcome.ORDERED]
    by_id = {signal.pk: signal for signal in signals}
    ids = bulk.take_ids(Order, len(ordered))
    orders = [
        _order(order_id, pk, item, by_id[item.case.signal_id], close_time)
        for order_id, (pk, item) in zip(ids, ordered, strict=True)
    ]
    leaving = [order for order in orders if order.leg == Leg.EXIT]
    stop_entering(((order.subscription_id, order.instrument_id) for order in leaving), close_time)
    write_orders(orders)
    reservations.reserve(
        [
            (order.user_id, order.account_id, order.id, order.mode, item.case.snapshot.rules.quote,
             item.intent.cost)
            for order, (_, item) in zip(orders, ordered, strict=True)
            if item.intent.cost
        ]
    )  # fmt: skip


def _order(
    order_id: int, decision_id: int, item: risk.Judged, signal: Signal, close_time: datetime
) -> OrderRow:
    case = item.case
    leg = Leg.ENTRY if case.action.is_entry else Leg.EXIT
    return new_order(
        id=order_id,
        user_id=case.user_id,
        account_id=case.account_id,
        subscription_id=case.subscription_id,
        instrument_id=case.instrument_id,
        decision_id=decision_id,
        leg=leg.value,
        mode=case.mode,
        client_order_id=client_order_id(f"decision:{decision_id}", leg),
        side=case.action.side.value,
        order_type=OrderType.MARKET.value,
        quantity=item.intent.quantity,
        **(_exit_plan(signal) if case.action.is_entry else {}),
        reduce_only=not case.action.is_entry,
        active_from=close_time,
    )


def _exit_plan(signal: Signal) -> dict[str, Any]:
    """What an entry remembers of how its position is to be left."""
    return {
        "stop_price": signal.stop_price,
        "target_price": signal.target_price,
        "stop_limit_price": signal.stop_limit_price,
        "stop_trailing_offset": signal.trailing_offset,
        "stop_trailing_offset_type": signal.trailing_offset_type,
    }


def _count(counts: Counter[tuple[str, str]]) -> None:
    for (outcome, code), number in counts.items():
        metrics.DECISIONS.labels(outcome, code).inc(number)
