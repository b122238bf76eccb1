"""What a list of outcomes comes to: pnl after fees, one for each trade. Exact, in money. Pure.

    win rate         outcomes > 0 / all; 0 is neither won nor lost
    profit factor    sum of the wins / -sum of the losses
    payoff ratio     average win / -average loss
    expectancy       p * average win - q * -average loss, p and q the shares of wins and of losses:
                     which is the mean of all. (Tharp, Trade Your Way to Financial Freedom)
    expectancy ratio (1 + payoff ratio) * p - 1: the expectancy per unit of an average loss, where
                     no outcome is 0
    SQN              sqrt(n) * mean(R) / standard deviation of a sample(R). R, the multiple of what
                     was risked, is the outcome itself: one risk for all cancels out. (Tharp)

None where there is nothing to divide by. A fraction is a Decimal of 28 digits, SQN a float.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from math import sqrt
from typing import NamedTuple, TypeVar

from trading.money import ZERO

Outcomes = Sequence[Decimal]
Number = TypeVar("Number", Decimal, float)


class Streaks(NamedTuple):
    """The most wins, and the most losses, one right after another."""

    wins: int
    losses: int


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def mean(amounts: Outcomes) -> Decimal | None:
    return total(amounts) / len(amounts) if amounts else None


def wins(outcomes: Outcomes) -> list[Decimal]:
    return [outcome for outcome in outcomes if outcome > 0]


def losses(outcomes: Outcomes) -> list[Decimal]:
    return [outcome for outcome in outcomes if outcome < 0]


def win_rate(outcomes: Outcomes) -> Decimal | None:
    return Decimal(len(wins(outcomes))) / len(outcomes) if outcomes else None


def profit_factor(outcomes: Outcomes) -> Decimal | None:
    lost = -total(losses(outcomes))
    return total(wins(outcomes)) / lost if lost else None


def payoff_ratio(outcomes: Outcomes) -> Decimal | None:
    """None without a win as without a loss."""
    won, lost = mean(wins(outcomes)), mean(losses(outcomes))
    return None if won is None or lost is None else won / -lost


def expectancy(outcomes: Outcomes) -> Decimal | None:
    return mean(outcomes)


def expectancy_ratio(outcomes: Outcomes) -> Decimal | None:
    payoff, share = payoff_ratio(outcomes), win_rate(outcomes)
    return None if payoff is None or share is None else expectancy_ratio_of(payoff, share)


def expectancy_ratio_of(payoff: Number, win_rate: Number) -> Number:
    return (1 + payoff) * win_rate - 1


def sqn(outcomes: Outcomes) -> float | None:
    """None for fewer than two outcomes, or all alike."""
    middle = mean(outcomes)
    if middle is None or len(set(outcomes)) == 1:
        return None
    variance = total((outcome - middle) ** 2 for outcome in outcomes) / (len(outcomes) - 1)
    return sqn_of(len(outcomes), float(middle / variance.sqrt())) if variance else None


def sqn_of(count: int, mean: float) -> float:
    """`mean` in standard deviations."""
    return sqrt(count) * mean


def longest_streaks(outcomes: Outcomes) -> Streaks:
    """Of outcomes in the order of their closes; a 0 ends either."""
    longest = {1: 0, 0: 0, -1: 0}
    for sign, run in groupby((outcome > 0) - (outcome < 0) for outcome in outcomes):
        longest[sign] = max(longest[sign], sum(1 for _ in run))
    return Streaks(wins=longest[1], losses=longest[-1])
