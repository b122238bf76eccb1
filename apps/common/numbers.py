"""Numbers as people read them: a sign on what was won or lost, never a 0 for what is unknown."""

from decimal import ROUND_HALF_EVEN, Decimal

from trading.gates.values import text

UNKNOWN = "—"
MINUS = "\u2212"  # as wide as a plus in tabular figures
PERCENT = "\u00a0%"  # never parted from its number by a line break
CURRENCY_PLACES = {"USD": 2, "EUR": 2, "GBP": 2, "USDT": 2, "USDC": 2, "JPY": 0}
OTHER_CURRENCY_PLACES = 8


def places_of(increment: Decimal) -> int:
    """Decimal places of a step: 2 for 0.01 or 0.25, 0 for 5."""
    exponent = increment.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def money_places(currency: str) -> int:
    return CURRENCY_PLACES.get(currency, OTHER_CURRENCY_PLACES)


def grouped(value: Decimal | None, places: int) -> str:
    """1,234.50"""
    if value is None or not value.is_finite():
        return UNKNOWN
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    return f"{abs(rounded):,f}" if rounded >= 0 else f"{MINUS}{abs(rounded):,f}"


def signed(value: Decimal | None, places: int) -> str:
    """+1,234.50, or 0.00 without a sign"""
    shown = grouped(value, places)
    if value is None or shown.startswith(MINUS) or not shown.strip("0.,"):
        return shown
    return f"+{shown}"


def money(value: Decimal | None, currency: str) -> str:
    return grouped(value, money_places(currency))


def signed_money(value: Decimal | None, currency: str) -> str:
    return signed(value, money_places(currency))


def signed_percent(fraction: Decimal | None) -> str:
    """+1.25 %"""
    return UNKNOWN if fraction is None else f"{signed(fraction * 100, 2)}{PERCENT}"


def percent(fraction: Decimal | None, places: int = 0) -> str:
    return UNKNOWN if fraction is None else f"{grouped(fraction * 100, places)}{PERCENT}"


def share(percent: Decimal) -> str:
    """`63.33 %`, `80 %`: of what is percent already, every digit there is."""
    return f"{quantity(percent.normalize())}{PERCENT}"


def quantity(value: Decimal) -> str:
    """Every digit there is: 0.013"""
    shown = text(abs(value))
    whole, point, rest = shown.partition(".")
    return f"{MINUS if value < 0 else ''}{int(whole):,}{point}{rest}"


def tone(value: Decimal | None) -> str:
    """The class of a gain or a loss."""
    if value is None or value == 0:
        return "flat"
    return "up" if value > 0 else "down"
