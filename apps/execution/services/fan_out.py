"""Steps 4 and 5: every subscription at the cut-off gets exactly one decision for each signal, and
an order where the answer is yes. One transaction per chunk; no network in it.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.common import bulk, db, logs, metrics
from apps.execution.models import Order
from apps.execution.rows import OrderRow, new_order
from apps.execution.services import reservations
from apps.execution.services.cancelling import Entering, stop_entering, withdraw
from apps.execution.services.facts import Facts, Holding, Subscriber, read_facts
from apps.execution.services.orders import write_orders
from apps.execution.services.placing import Terms, columns_of, terms_of
from apps.risk import selectors as risk_rows
from apps.risk import services as risk
from apps.strategies import selectors as strategies
from apps.strategies import services as runs_of
from apps.strategies.models import Run, Signal, StrategySubscription, StrategyVersion
from trading.gates.values import Outcome, Snapshot
from trading.orders import Leg, client_order_id
from trading.signals import Action, entry_side

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
    terms = {signal.pk: terms_of(signal, close_time) for signal in signals}
    made = sum(_decide_chunk(chunk, runs, signals, terms, close_time) for chunk in _chunks(runs))
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
    terms: Mapping[int, Terms],
    close_time: datetime,
) -> int:
    version = signals[0].version
    facts = read_facts(version, subscription_ids, signals, close_time)
    expected = {run.pk: frozenset(run.subscription_ids) for run in runs}
    judged = [
        _decide_one(facts, subscriber, terms[signal.pk], version)
        for subscriber in facts.subscribers
        for signal in signals
        if subscriber.id in expected[signal.run_id or 0]
        and (signal.pk, subscriber.id) not in facts.decided
    ]
    decision_ids = risk.record_decisions(judged, close_time)
    _write_orders(list(zip(decision_ids, judged, strict=True)), terms, close_time)
    counts = Counter((item.outcome.value, item.code) for item in judged)
    transaction.on_commit(lambda: _count(counts))
    return len(judged)


def _decide_one(
    facts: Facts,
    subscriber: Subscriber,
    terms: Terms,
    version: StrategyVersion,
) -> risk.Judged:
    signal = terms.signal
    action = Action(signal.action)
    holding = subscriber.holdings.get(signal.instrument_id) or Holding()
    snapshot = Snapshot(
        rules=signal.instrument.rules,
        trading_state=facts.state_of(subscriber, version),
        is_subscribed=subscriber.is_running,
        is_symbol_allowed=subscriber.instrument_ids is None
        or signal.instrument_id in subscriber.instrument_ids,
        is_market_open=terms.is_market_open,
        account_currency=subscriber.currency,
        candles_seen=None if signal.run is None else signal.run.candles_seen,
        free_cash=facts.free_cash.get(subscriber.account_id),
        open_positions=subscriber.open_positions,
        day_pnl=subscriber.day_pnl,
        position_quantity=holding.quantity,
        is_entering=holding.is_entering,
        is_leaving=holding.is_leaving,
        session_end=terms.session_end,
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
            entry_plan=terms.entry_plan,
            snapshot=snapshot,
            limits=subscriber.limits,
            capital_in_use=in_use,
        )
    )
    if not action.is_entry:
        holding.leave(action.direction)
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
    holding.entering = case.action.side
    subscriber.in_use += max(judged.intent.cost, judged.intent.notional)
    facts.free_cash[subscriber.account_id] -= judged.intent.cost


def _write_orders(
    decided: Sequence[tuple[int, risk.Judged]],
    terms: Mapping[int, Terms],
    close_time: datetime,
) -> None:
    ordered = [(pk, item) for pk, item in decided if item.outcome is Outcome.ORDERED]
    ids = bulk.take_ids(Order, len(ordered))
    orders = [
        _order(order_id, pk, item, terms[item.case.signal_id], close_time)
        for order_id, (pk, item) in zip(ids, ordered, strict=True)
    ]
    leaving = [order for order in orders if order.leg == Leg.EXIT]
    stop_entering(((order.subscription_id, order.instrument_id) for order in leaving), close_time)
    withdraw((unwanted for _, item in decided if (unwanted := _unwanted(item))), close_time)
    write_orders(orders)
    reservations.reserve(
        [
            (order.user_id, order.account_id, order.id, order.mode, item.case.snapshot.rules.quote,
             item.intent.cost)
            for order, (_, item) in zip(orders, ordered, strict=True)
            if item.intent.cost
        ]
    )  # fmt: skip


def _unwanted(item: risk.Judged) -> Entering | None:
    """The entry that an exit meets where there is no position to close yet."""
    case = item.case
    if case.action.is_entry or item.outcome is Outcome.ORDERED or not case.snapshot.is_entering:
        return None
    return case.subscription_id, case.instrument_id, entry_side(case.action.direction)


def _order(
    order_id: int,
    decision_id: int,
    item: risk.Judged,
    terms: Terms,
    close_time: datetime,
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
        quantity=item.intent.quantity,
        **columns_of(terms),
        reduce_only=not case.action.is_entry,
        active_from=close_time,
    )


def _count(counts: Counter[tuple[str, str]]) -> None:
    for (outcome, code), number in counts.items():
        metrics.DECISIONS.labels(outcome, code).inc(number)
