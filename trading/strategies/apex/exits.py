"""Where a position of APEX is left by its plan. `plan` is the one place that asks for it."""

from decimal import Decimal

from trading.candles import CandleSeries
from trading.exit_plans import ExitPlan, Ladder, LateTrail, Rung, Trail
from trading.signals import exact

_SWING = 10  # candles
_BEYOND_THE_SWING = 0.5  # times the ATR
_FROM_THE_ENTRY = 1.5  # times the ATR
# How far in the position's favour, and which share of what is left is closed there.
_BY_RISK = ((1, "0.5"), (2, "0.5"), (3, "1"))  # times the distance to the stop
_BY_PRICE = ((0.005, "0.1"), (0.01, "0.15"), (0.02, "0.25"), (0.03, "0.5"))  # of the price
_TRAILS_FROM = 0.01  # of the price
_TRAILS_BY = 1.5  # times the ATR


def swing_stop(candles: CandleSeries, atr: float, favour: int) -> float:
    """Half an ATR beyond the worst price of the last candles."""
    if favour > 0:
        return float(candles.low[-_SWING:].min()) - _BEYOND_THE_SWING * atr
    return float(candles.high[-_SWING:].max()) + _BEYOND_THE_SWING * atr


def atr_stop(entry: float, atr: float, favour: int) -> float:
    return entry - favour * _FROM_THE_ENTRY * atr


def targets(entry: float, stop: float) -> tuple[float, ...]:
    """As far from the entry as the stop, twice and three times as far, on the other side."""
    return tuple(entry + times * (entry - stop) for times, _ in _BY_RISK)


def is_worth_it(entry: float, stop: float, *, fees: float, multiple: float) -> bool:
    """What is risked is something, and no less than `multiple` times the fees of a round trip:
    otherwise the first target would only pay for itself.
    """
    risked = abs(entry - stop)
    return stop > 0 and risked > 0 and risked >= entry * fees * multiple


def by_risk(entry: float, stop: float, atr: float) -> Ladder:
    """Half at the first target, with the stop then at the entry and following; half of the rest at
    the second; all of it at the third."""
    risked = abs(entry - stop)
    rungs = tuple(Rung(_price(times * risked), Decimal(share)) for times, share in _BY_RISK)
    return Ladder(rungs, break_even_after=1, trail=_trail(atr, after=1))


def by_price(entry: float, atr: float, *, times: float) -> Ladder:
    """A growing part of what is left at each step, `times` as far as usual; what is left after the
    last follows the price."""
    rungs = tuple(Rung(_price(part * times * entry), Decimal(share)) for part, share in _BY_PRICE)
    return Ladder(rungs, trail=_trail(atr, profit=_price(_TRAILS_FROM * entry)))


def plan(stop: float, ladder: Ladder) -> ExitPlan:
    return ExitPlan(stop_price=_price(stop), ladder=ladder)


def _trail(
    atr: float, *, after: int | None = None, profit: Decimal | None = None
) -> LateTrail | None:
    """A market that does not move gives no distance to follow at."""
    return LateTrail(Trail(_price(_TRAILS_BY * atr)), after, profit) if atr > 0 else None


def _price(value: float) -> Decimal:
    """To twelve digits: no venue has more, and what follows them is the rounding of floats."""
    return exact(float(f"{value:.12g}"))
