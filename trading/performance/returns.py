"""What a row of daily returns comes to. Pure; the risk-free rate is 0 throughout.

`A` is the number of days of trading in a year: 365 where markets never close, 252 for shares.

    volatility  standard deviation of a sample * sqrt(A)
    Sharpe      mean / standard deviation of a sample * sqrt(A) (Sharpe 1994)
    Sortino     mean / sqrt(sum of min(r, 0)^2 / n) * sqrt(A), the target is 0 (Sortino, Price 1994)
    Omega       sum of max(r, 0) / sum of max(-r, 0), the threshold is 0 (Keating, Shadwick 2002)
    CVaR 95     mean of the lowest 5 % of the returns, at least one of them, their number rounded
                up: negative is a loss (Rockafellar, Uryasev 2000)
    growth      product of (1 + r) from 1 on; who has lost all stays at 0
    drawdown    1 - growth / the highest growth so far, from 0 to 1
    Ulcer index sqrt(mean of drawdown^2), over the days after the first (Martin, McCann 1989)
    CAGR        growth at the end ^ (1 / years) - 1, a year being 365 days of the calendar; None of
                less than a year, which is not drawn out to one (GIPS 2020)
    Calmar      CAGR / greatest drawdown (Young 1991), here of the whole time
    beta        covariance with the benchmark's returns / their variance, both of a sample
    alpha       (mean - beta * the benchmark's mean) * A (Jensen 1968)

None where it is not defined or not finite. A spread under 1e-12 of the largest return is rounding,
and counts as none, as does a drawdown under 1e-12.
"""

from math import expm1, isfinite, log, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NO_SPREAD = 1e-12
FEWEST = 2  # that have a spread
TAIL = 20  # one in twenty is 5 %
YEAR_SECONDS = 365 * 86_400
# The Global Investment Performance Standards (2020, for firms) forbid to annualise the returns of
# less than a year: three good hours would say nothing of one. 365 daily closes are 364 days apart.
LEAST_ANNUALISED_SECONDS = 364 * 86_400


def finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def spread(returns: Floats) -> float | None:
    """The standard deviation of a sample; None for fewer than two."""
    if len(returns) < FEWEST:
        return None
    return spread_of(float(np.std(returns, ddof=1)), float(np.max(np.abs(returns))))


def spread_of(deviation: float, largest: float) -> float | None:
    """Of the standard deviation, and the largest return without its sign. This and the others that
    end so are the formulas on numbers, which a sweep feeds with sums of its own."""
    return 0.0 if deviation <= NO_SPREAD * largest else finite(deviation)


def volatility(returns: Floats, *, a_year: int) -> float | None:
    return volatility_of(spread(returns), a_year=a_year)


def volatility_of(spread: float | None, *, a_year: int) -> float | None:
    return None if spread is None else spread * sqrt(a_year)


def sharpe(returns: Floats, *, a_year: int) -> float | None:
    found = spread(returns)
    return sharpe_of(float(np.mean(returns)), found, a_year=a_year) if found else None


def sharpe_of(mean: float, spread: float | None, *, a_year: int) -> float | None:
    return finite(mean / spread * sqrt(a_year)) if spread else None


def sortino(returns: Floats, *, a_year: int) -> float | None:
    """None without a day that lost."""
    if not len(returns):
        return None
    squared = float(np.mean(np.minimum(returns, 0.0) ** 2))
    return sortino_of(float(np.mean(returns)), squared, a_year=a_year)


def sortino_of(mean: float, squared_loss: float, *, a_year: int) -> float | None:
    """The second is a mean, over all days."""
    return finite(mean / sqrt(squared_loss) * sqrt(a_year)) if squared_loss else None


def omega(returns: Floats) -> float | None:
    """None without a day that lost."""
    lost = float(np.sum(np.maximum(-returns, 0.0)))
    return omega_of(float(np.sum(np.maximum(returns, 0.0))), lost)


def omega_of(gained: float, lost: float) -> float | None:
    return finite(gained / lost) if lost else None


def cvar_95(returns: Floats) -> float | None:
    worst = np.sort(returns)[: -(-len(returns) // TAIL)]
    return finite(float(np.mean(worst))) if len(worst) else None


def growth(returns: Floats) -> Floats:
    """One longer than the returns: it begins with 1."""
    with np.errstate(over="ignore"):
        grown = np.cumprod(1.0 + np.maximum(returns, -1.0))
    return np.concatenate([[1.0], grown])


def drawdowns(grown: Floats) -> Floats:
    """At each of the values of a growth."""
    falls = 1.0 - grown / np.maximum.accumulate(grown)
    return np.where(falls > NO_SPREAD, falls, 0.0)


def ulcer_index(falls: Floats) -> float | None:
    """Of drawdowns; the first, where all begins, is none."""
    return ulcer_of(float(np.mean(falls[1:] ** 2))) if len(falls) > 1 else None


def ulcer_of(squared_fall: float) -> float | None:
    """Of a mean."""
    return finite(sqrt(squared_fall))


def cagr(grown: float, *, seconds: int) -> float | None:
    if seconds < LEAST_ANNUALISED_SECONDS or not isfinite(grown):
        return None
    if grown <= 0:
        return -1.0
    try:
        return expm1(log(grown) * YEAR_SECONDS / seconds)
    except OverflowError:  # of 364 days, drawn out to 365
        return None


def calmar(rate: float | None, greatest: float | None) -> float | None:
    return finite(rate / greatest) if rate is not None and greatest else None


def beta(returns: Floats, benchmark: Floats) -> float | None:
    """Both of the same days."""
    if not spread(benchmark):
        return None
    around = benchmark - np.mean(benchmark)
    shared = float(np.sum((returns - np.mean(returns)) * around))
    variance = float(np.sum(around**2))
    return finite(shared / variance) if variance else None


def alpha(returns: Floats, benchmark: Floats, *, a_year: int) -> float | None:
    slope = beta(returns, benchmark)
    if slope is None:
        return None
    return finite(float(np.mean(returns) - slope * np.mean(benchmark)) * a_year)
