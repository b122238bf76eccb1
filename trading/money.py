"""Rounding of money, prices and quantities: always against ourselves, never through a float."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Context, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)

# Amounts (cash, cost, fee, profit) are kept to eight places. Sums of them below 10^20 are then
# exact in the 28 digits of the default Decimal context, so the ledger conserves to the last digit.
AMOUNT_STEP = Decimal("0.00000001")

# Division rounds like the multiple that is looked for, and no digit of a database number is lost:
# a quotient of 2.999... that the default context takes for 3 would round against the other side.
_DOWN = Context(prec=76, rounding=ROUND_FLOOR)
_UP = Context(prec=76, rounding=ROUND_CEILING)


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value`."""
    return _DOWN.multiply(_DOWN.divide(value, step).to_integral_value(ROUND_FLOOR), step)


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`."""
    return _UP.multiply(_UP.divide(value, step).to_integral_value(ROUND_CEILING), step)


def part_up(value: Decimal, share: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value` x `share`. This, `part_down` and
    `quotient_down` are the roundings of rules that trading/compiled runs on whole numbers, too."""
    return ceil_to(value * share, step)


def part_down(value: Decimal, share: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value` x `share`."""
    return floor_to(value * share, step)


def quotient_down(value: Decimal, divisor: Decimal, share: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value` / (`divisor` x `share`)."""
    return floor_to(value / (divisor * share), step)


def cost_up(value: Decimal) -> Decimal:
    """An amount that we pay, rounded up to `AMOUNT_STEP`: more of a cost, less of a rebate."""
    return value.quantize(AMOUNT_STEP, ROUND_CEILING)


def proceeds_down(value: Decimal) -> Decimal:
    """An amount that we receive, rounded towards zero to `AMOUNT_STEP`."""
    return value.quantize(AMOUNT_STEP, ROUND_DOWN)


def plain(value: Decimal) -> str:
    """Without exponent or trailing zeros."""
    said = str(value)
    if "E" in said:
        said = f"{value:f}"
    return said.rstrip("0").rstrip(".") if "." in said else said
