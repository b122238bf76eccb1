"""Where a position of APEX is left by its plan. `plan` is the one place that asks for it."""

from decimal import Decimal

from trading.candles import CandleSeries
from trading.signals import ExitPlan, exact

_SWING = 10  # candles
_BEYOND_THE_SWING = 0.5  # times the ATR
_FROM_THE_ENTRY = 1.5  # times the ATR
_TARGETS = (1, 2, 3)  # times the distance to the stop


def swing_stop(candles: CandleSeries, atr: float, favour: int) -> float:
    """Half an ATR beyond the worst price of the last candles."""
    if favour > 0:
        return float(candles.low[-_SWING:].min()) - _BEYOND_THE_SWING * atr
    return float(candles.high[-_SWING:].max()) + _BEYOND_THE_SWING * atr


def atr_stop(entry: float, atr: float, favour: int) -> float:
    return entry - favour * _FROM_THE_ENTRY * atr


def targets(entry: float, stop: float) -> tuple[float, ...]:
    """As far from the entry as the stop, twice and three times as far, on the other side."""
    return tuple(entry + times * (entry - stop) for times in _TARGETS)


def is_worth_it(entry: float, stop: float, *, fees: float, multiple: float) -> bool:
    """What is risked is something, and no less than `multiple` times the fees of a round trip:
    otherwise the first target would only pay for itself.
    """
    risked = abs(entry - stop)
    return stop > 0 and risked > 0 and risked >= entry * fees * multiple


def plan(stop: float, target: float) -> ExitPlan:
    """A short whose target lies at zero or below has none."""
    return ExitPlan(stop_price=_price(stop), target_price=_price(target) if target > 0 else None)


def _price(value: float) -> Decimal:
    """To twelve digits: no venue has more, and what follows them is the rounding of floats."""
    return exact(float(f"{value:.12g}"))
