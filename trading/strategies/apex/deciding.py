"""What APEX says at a close: leave, and enter.

It sees no position, so it says all that a position could be told. Whatever blocks an entry, quiet
or trendless markets too, never silences an exit.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from trading.exit_plans import Ladder
from trading.signals import Action, Direction, ExitPlan, Signal, exact, leave
from trading.strategies.apex import exits
from trading.strategies.apex.bands import Bands
from trading.strategies.apex.conditions import averages_cross, reaches, score
from trading.strategies.apex.filters import trend
from trading.strategies.apex.parameters import Shared
from trading.strategies.apex.reading import Reading

_OPPOSITE = {Direction.LONG: Direction.SHORT, Direction.SHORT: Direction.LONG}
_ENTER = {Direction.LONG: Action.ENTER_LONG, Direction.SHORT: Action.ENTER_SHORT}
_LEAVE = {Direction.LONG: Action.EXIT_LONG, Direction.SHORT: Action.EXIT_SHORT}


class View(NamedTuple):
    """By what one row is judged."""

    bands: Bands
    min_score: int


@dataclass(frozen=True, slots=True)
class Idea:
    """In what the versions differ. `size` takes the score, `stop` the sign of the direction and
    `ladder` the price of the stop."""

    view: Callable[[int], View]
    size: Callable[[int], Decimal]
    stop: Callable[[int], float]
    ladder: Callable[[float], Ladder]


def opinion(reading: Reading, parameters: Shared, idea: Idea) -> Sequence[Signal]:
    view = idea.view(-1)
    enough = [each for each in Direction if _suffices(reading, -1, each, view, parameters)]
    entry = _entry(reading, parameters, idea, view, enough)
    into = None if entry is None else entry.action.direction
    leaving = _leaving(reading, parameters, idea, enough, into)
    return (*leaving, entry) if entry else (*leaving,)


def _suffices(
    reading: Reading, at: int, direction: Direction, view: View, parameters: Shared
) -> bool:
    """Whether the direction could be entered by its score."""
    return reaches(view.min_score, reading, at, direction, view.bands, parameters)


def _leaving(
    reading: Reading,
    parameters: Shared,
    idea: Idea,
    enough: Collection[Direction],
    into: Direction | None,
) -> Iterator[Signal]:
    """A position is left when the averages cross against it, when the opposite could be entered by
    its score, and when it is.

    Its score is told when it comes to suffice; and when it did already at the candle where the
    position may have been entered.
    """
    for direction in Direction:
        opposite = _OPPOSITE[direction]
        if averages_cross(reading, direction):
            tag = "cross"
        elif into is opposite or (
            opposite in enough and _is_news(reading, parameters, idea, direction)
        ):
            tag = "opposite"
        else:
            continue
        yield leave(_LEAVE[direction], reading.candles.symbol, reading.close, tag=tag)


def _is_news(reading: Reading, parameters: Shared, idea: Idea, held: Direction) -> bool:
    """At the candle before, the opposite did not suffice, or what is held could be entered."""
    view = idea.view(-2)
    return not _suffices(reading, -2, _OPPOSITE[held], view, parameters) or _suffices(
        reading, -2, held, view, parameters
    )


def _entry(
    reading: Reading,
    parameters: Shared,
    idea: Idea,
    view: View,
    enough: Collection[Direction],
) -> Signal | None:
    if not enough:
        return None
    into = trend(
        reading,
        min_adx=parameters.min_adx,
        volume_threshold=parameters.volume_threshold,
        volume_min=parameters.volume_min,
    )
    if into is None or into not in enough:
        return None
    points = score(reading, -1, into, view.bands, parameters)
    size = idea.size(points)
    plan = _exit_plan(reading, parameters, idea, into)
    if plan is None or not size:
        return None
    return Signal(
        reading.candles.symbol,
        _ENTER[into],
        exact(reading.close),
        plan,
        tag=f"score {points}",
        size_fraction=size,
    )


def _exit_plan(
    reading: Reading, parameters: Shared, idea: Idea, into: Direction
) -> ExitPlan | None:
    """None = the stop is no place to risk anything for."""
    favour = 1 if into is Direction.LONG else -1
    stop = idea.stop(favour)
    if not exits.is_worth_it(
        reading.close, stop, fees=parameters.fees, multiple=parameters.fee_multiple
    ):
        return None
    return exits.plan(stop, idea.ladder(stop))
