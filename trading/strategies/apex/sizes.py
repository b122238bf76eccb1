"""Which part of the capital an entry puts in; zero: it is not entered."""

from decimal import Decimal

from trading.money import ZERO

# From this ADX on, so much.
_BY_ADX = (
    (50, Decimal("0.10")),
    (40, Decimal("0.08")),
    (30, Decimal("0.06")),
    (25, Decimal("0.04")),
    (20, Decimal("0.02")),
)
_BY_SCORE = ((5, Decimal("0.05")), (4, Decimal("0.04")), (3, Decimal("0.03")))

MOST_EXPOSED = Decimal("0.80")
"""Of the capital, in all positions together."""

SMALLEST = Decimal("0.02")


def by_adx(adx: float, score: int, *, least: Decimal, most: Decimal) -> Decimal:
    """More the stronger the trend, less the fewer conditions speak for it, and what is entered at
    all is between `least` and `most`.
    """
    base = next((size for floor, size in _BY_ADX if adx >= floor), ZERO)
    if not base:
        return ZERO
    return min(max(base * _certainty(score), least), most)


def by_score(score: int, *, exposure: Decimal = ZERO) -> Decimal:
    """More the more conditions speak for it, and no more than the exposure leaves; where that is
    less than the smallest size, nothing. A size is never raised to the smallest past the cap.

    A strategy knows of no position: it asks without an exposure, and what is exposed already is for
    a gate to judge.
    """
    wanted = next((size for floor, size in _BY_SCORE if score >= floor), ZERO)
    allowed = min(wanted, MOST_EXPOSED - exposure)
    return allowed if allowed >= SMALLEST else ZERO


def _certainty(score: int) -> Decimal:
    return {3: Decimal("0.9")}.get(score, Decimal(1) if score > 3 else Decimal("0.8"))  # noqa: PLR2004
