"""The first look at everything, and what it alone tells: mistakes, and changes of the candles."""

from collections.abc import Sequence

import numpy as np

from trading.candles import Timeframe
from trading.integrity.comparing import Look, look, spoken
from trading.integrity.look_ahead import judged, rows_to_try
from trading.integrity.markets import market_round
from trading.integrity.subjects import (
    ERROR,
    PRICES_AND_VOLUME,
    Subject,
    with_arrays,
)
from trading.integrity.verdicts import Check, Verdict, Violation, failed, moment, passed
from trading.integrity.warmup import longest_history

CLOSES = 120
"""Closes of each market that a strategy is asked about."""
FIRST_CLOSES = 12
ROUNDS = 10
"""So many rounds of markets are tried until every kind of signal has been given."""


def look_at_markets(subject: Subject, timeframe: Timeframe) -> list[Look]:
    longest = longest_history(subject.warmup)
    first = subject.first_row(longest)
    looks: list[Look] = []
    for number in range(ROUNDS):
        markets = market_round(number, longest + CLOSES, timeframe)
        looks += [look(subject, market, first) for market in markets]
        if all(answers_of(subject, looks).values()):
            break
    return looks


def first_look(subject: Subject, timeframe: Timeframe) -> Look:
    """A few closes of one market: enough to see that all of them would take for ever."""
    longest = longest_history(subject.warmup)
    market = market_round(0, longest + CLOSES, timeframe)[0]
    return look(subject, market, len(market.candles) - FIRST_CLOSES)


def answers_of(subject: Subject, looks: Sequence[Look]) -> dict[str, int]:
    """How many there were of each kind of signal, and of each other column."""
    answers: dict[str, int] = {}
    for looked in looks:
        for name, places in spoken(subject, looked.table).items():
            answers[name] = answers.get(name, 0) + len(places)
    return answers


def usable(subject: Subject, looks: Sequence[Look]) -> Verdict:
    """It never raised, and its signals and columns are such that something can be done with."""
    errors = [error for looked in looks if (error := _first_error(looked))]
    rows = sum(len(looked.table[ERROR]) for looked in looks)
    if errors:
        reason = f"It made a mistake: {errors[0]}."
        return failed(Check.USABLE, reason, errors[0], {"rows": rows})
    return judged(Check.USABLE, None, answers_of(subject, looks), {"rows": rows})


def input_kept(subject: Subject, looks: Sequence[Look]) -> Verdict:
    """Asked with arrays that may be written to, as when it runs: nobody else sees other candles."""
    rows = 0
    for looked in looks:
        tried = rows_to_try(subject, looked)
        rows += len(tried)
        changed = _changed(subject, looked, tried)
        if changed is not None:
            reason = f"It changes the candles that it is shown: {changed}."
            return failed(Check.INPUT, reason, changed, {"rows": rows})
    return passed(Check.INPUT, "The candles stay as they are.", {"rows": rows})


def _changed(subject: Subject, looked: Look, rows: Sequence[int]) -> Violation | None:
    market = looked.market
    shown = with_arrays(market.candles, lambda column: column.copy())
    subject.table(shown, rows)
    for name in ("close_times", *PRICES_AND_VOLUME):
        before, after = getattr(market.candles, name), getattr(shown, name)
        differing = np.flatnonzero(before != after)
        if differing.size:
            row = int(differing[0])
            at = moment(market.candles.close_times[row])
            return Violation(market.name, at, name, str(before[row]), str(after[row]))
    return None


def _first_error(looked: Look) -> Violation | None:
    for place, text in enumerate(looked.table[ERROR]):
        if text:
            at = moment(looked.market.candles.close_times[looked.first + place])
            return Violation(looked.market.name, at, ERROR, "no error", text)
    return None
