"""Steps 4 and 5: every subscription at the cut-off gets exactly one decision for each signal, and
an order where the answer is yes. One transaction per chunk; no network in it.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.utils import timezone

from apps.common import db, logs, metrics
from apps.common.apart import each_apart, in_halves
from apps.common.locks import in_this_session
from apps.execution.services import approvals, halting, undecided
from apps.execution.services.asking import Asking
from apps.execution.services.facts import Facts, count_entries, read_facts
from apps.execution.services.markets import look_again, look_around
from apps.execution.services.ordering import write_orders_of
from apps.execution.services.placing import Terms, terms_of
from apps.execution.services.subscribers import Subscriber
from apps.market import selectors as market
from apps.risk import selectors as risk_rows
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import selectors as strategies
from apps.strategies import services as runs_of
from apps.strategies.models import Run, StrategySubscription
from trading.autonomy import held_back
from trading.candles import floor_time
from trading.decisions import Answer, Question, decide, question_of, remember
from trading.gates.risk_facts import MarketFacts
from trading.gates.values import Outcome

Step = Callable[[], object]
People = Callable[[Sequence[Sequence[int]]], None]  # by person: the ids of subscriptions
Told = Callable[[Sequence[int]], None]
# Subscriptions of one chunk: all those of a user stay together.
CHUNK = 2_000
# Who fails by himself is looked for no longer: orders wait to meet the next candle.
SEARCH_SECONDS = 15
AGAIN_SECONDS = 1  # for those that have just failed


def search_until() -> float:
    """Till when those that fail are looked for (`time.monotonic`), over all versions of a close."""
    return time.monotonic() + SEARCH_SECONDS


@db.durable
def fan_out(
    version_id: int, close_time: datetime, *, in_turn: bool = False, until: float | None = None
) -> int:
    """Decide every signal of one version at one close together, ordered by symbol. The number of
    decisions made now; those that exist already are left alone, so it is harmless to repeat.
    `in_turn`: as the step of its close, and not when something was found to be missing. `until`:
    what has failed after it is not looked through for who fails by himself.
    """
    runs = strategies.runs_to_decide(version_id, close_time)
    if not runs:
        return 0
    until = search_until() if until is None else until
    with logs.bound(version=version_id, runs=[run.pk for run in runs]):
        started, since = time.perf_counter(), timezone.now()
        made = _decide(_asking(runs, close_time, in_turn=in_turn), runs, since, until)
        metrics.FAN_OUT_SECONDS.observe(time.perf_counter() - started)
        return made


def _asking(runs: Sequence[Run], close_time: datetime, *, in_turn: bool) -> Asking:
    signals = strategies.signals_of(runs)
    terms = {signal.pk: terms_of(signal, close_time) for signal in signals}
    around = look_around(list(terms.values()), close_time)
    cut_off = {run.pk: frozenset(run.subscription_ids) for run in runs}
    expected = {signal.pk: cut_off[signal.run_id or 0] for signal in signals}
    return Asking(terms, around, expected, close_time, in_turn)


@dataclass(slots=True)
class Done:
    """So far: the number of decisions, and what they say about switches to trip."""

    made: int = 0
    found: list[risk.Found] = field(default_factory=list)


def _decide(asking: Asking, runs: Sequence[Run], since: datetime, until: float) -> int:
    done = Done()
    lacking, known = _lacking(asking.expected), undecided.known(runs, asking.venue)
    note, give_up = partial(undecided.note, asking), partial(undecided.give_up, asking)
    search = partial(_search, partial(_decide_chunk, asking, done))
    shortly = min(until, time.monotonic() + AGAIN_SECONDS)
    steps: list[Step] = [
        *search(lacking - known.keys(), note, until),
        *search({pk for pk in lacking if known.get(pk)}, give_up, until),
        *search({pk for pk in lacking if known.get(pk) is False}, note, shortly),
        partial(_finish, asking, done, runs, since),
    ]
    each_apart(in_this_session(steps))
    return done.made


def _search(decide: People, ids: Set[int], tell: Told, until: float) -> Iterator[Step]:
    """Decide these; those that fail by themselves are told of. Of a person's subscriptions one may
    be what fails."""

    def apart(subscriptions: Sequence[int]) -> None:
        if len(subscriptions) > 1:
            in_halves(decide, [[pk] for pk in subscriptions], tell, until=until)
        else:
            tell(subscriptions)

    for chunk in _chunks(ids):
        yield partial(in_halves, decide, chunk, apart, until=until)


def _finish(asking: Asking, done: Done, runs: Sequence[Run], since: datetime) -> None:
    """Switches trip after the last chunk: what is refused does not depend on who was asked first.
    No run is complete before that."""
    venue, at = asking.venue, asking.close_time
    if done.found:
        halting.trip_found(done.found, clock=venue, at=at, since=since)
    if done.made < sum(run.expected for run in runs):
        halting.trip_again(list(asking.terms), clock=venue, at=at)
    counted = risk_rows.decisions_by_run(runs)
    complete = [run.pk for run in runs if counted.get(run.pk, 0) == run.expected]
    runs_of.mark_decided(complete, at)


def _lacking(expected: Mapping[int, Set[int]]) -> set[int]:
    """The subscriptions that still lack a decision."""
    made = Decision.objects.filter(signal_id__in=expected)
    decided = set(made.values_list("signal_id", "subscription_id"))
    return {pk for signal, ids in expected.items() for pk in ids if (signal, pk) not in decided}


def _chunks(subscription_ids: Set[int]) -> Iterator[list[list[int]]]:
    """Of these, those of a user together."""
    if not subscription_ids:
        return
    found = StrategySubscription.objects.filter(pk__any_of=subscription_ids)
    owners = found.order_by("user_id", "id")
    chunk: list[list[int]] = []
    size = 0
    for _, rows in groupby(owners.values_list("user_id", "pk"), key=itemgetter(0)):
        if size >= CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append([pk for _, pk in rows])
        size += len(chunk[-1])
    if chunk:
        yield chunk


def _decide_chunk(asking: Asking, done: Done, people: Sequence[Sequence[int]]) -> None:
    """`people`: the subscriptions of each."""
    judged = _answer(asking, [pk for subscriptions in people for pk in subscriptions])
    done.found += risk.found_in(judged)
    done.made += len(judged)


@db.transaction
def _answer(asking: Asking, subscription_ids: Sequence[int]) -> list[risk.Judged]:
    return [item for _, item in decide_signals(asking, subscription_ids)]


@db.transaction_required
def decide_signals(
    asking: Asking, subscription_ids: Sequence[int]
) -> Sequence[tuple[int, risk.Judged]]:
    """Decide each signal for those of these subscriptions that it is put to and that have no
    decision on it yet; the receipts and orders are written. The decisions with their ids."""
    facts, judged = judge_signals(asking, subscription_ids)
    decision_ids = risk.record_decisions(judged, asking.close_time)
    count_entries(facts)
    decided = list(zip(decision_ids, judged, strict=True))
    approvals.keep(decided, asking.close_time)
    write_orders_of(decided, asking.terms, _active_from(asking))
    counts = Counter((item.answer.outcome.value, item.answer.code) for item in judged)
    transaction.on_commit(lambda: _count(counts))
    return decided


def _active_from(asking: Asking) -> datetime:
    """What is decided late knows of candles that are over: it is filled from none of them, whether
    or not orders have met them by now. Nor who types it, of the candle that is running."""
    if asking.in_turn:
        return asking.close_time
    now, finest = market.time_at(asking.venue)
    return max(asking.placed_at or asking.close_time, asking.close_time, floor_time(now, finest))


@db.transaction_required
def judge_signals(
    asking: Asking, subscription_ids: Sequence[int]
) -> tuple[Facts, list[risk.Judged]]:
    """What would be answered: under the locks, by every gate. No receipt is written."""
    signals = [each.signal for each in asking.terms.values()]
    now = timezone.now()
    facts = read_facts(signals[0].version, subscription_ids, signals, asking.close_time, now)
    surrounding = look_again(asking.terms, asking.around, asking.close_time)
    judged = []
    for subscriber in facts.subscribers:
        for signal in signals:
            is_expected = subscriber.id in asking.expected[signal.pk]
            if not is_expected or (signal.pk, subscriber.id) in facts.decided:
                continue
            around = surrounding[signal.pk]
            # What is typed was said just now, not at the close of a candle.
            spoken_at = asking.close_time if signal.run_id is not None else now
            seen = around.seen(subscriber.mode, now, spoken_at, in_turn=asking.in_turn)
            terms = asking.terms[signal.pk]
            judged.append(_decide_one(facts, subscriber, terms, seen, around.apart))
    return facts, judged


def _decide_one(
    facts: Facts, subscriber: Subscriber, terms: Terms, market: MarketFacts, apart: Set[int]
) -> risk.Judged:
    question = question_about(facts, subscriber, terms, market, apart)
    answer = held_back(decide(question), question.asked.action, subscriber.execution)
    return settled(facts, subscriber, terms, question, answer)


def question_about(
    facts: Facts, subscriber: Subscriber, terms: Terms, market: MarketFacts, apart: Set[int]
) -> Question:
    signal, asked = terms.signal, terms.asked
    room = facts.rooms[subscriber.account_id]
    return question_of(
        asked,
        subscriber.standing,
        trading_state=facts.state_of(subscriber, signal),
        is_symbol_allowed=subscriber.trades(signal.instrument),
        free_cash=facts.free_cash.get(subscriber.account_id),
        wanted=signal.wanted,
        is_typed=signal.wanted is not None,
        risk=room.facts(
            asked, subscriber.id, market, apart, facts.repetitions.of(terms, subscriber)
        ),
    )


def settled(
    facts: Facts, subscriber: Subscriber, terms: Terms, question: Question, answer: Answer
) -> risk.Judged:
    """What was answered, once it counts in the facts for those that are decided after it."""
    remember(subscriber.standing, terms.asked, answer)
    facts.rooms[subscriber.account_id].remember(terms.asked, subscriber.id, answer)
    if answer.outcome is Outcome.ORDERED and answer.intent.cost:
        facts.free_cash[subscriber.account_id] -= answer.intent.cost
    return risk.Judged(
        user_id=subscriber.user_id,
        signal_id=terms.signal.pk,
        subscription_id=subscriber.id,
        account_id=subscriber.account_id,
        instrument_id=terms.signal.instrument_id,
        mode=subscriber.mode,
        question=question,
        answer=answer,
    )


def _count(counts: Counter[tuple[str, str]]) -> None:
    for (outcome, code), number in counts.items():
        metrics.DECISIONS.labels(outcome, code).inc(number)
