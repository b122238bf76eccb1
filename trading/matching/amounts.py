"""How much of an order one candle fills, and what it costs."""

from decimal import Decimal

from trading.candles import Candle
from trading.instruments import InstrumentRules
from trading.margin import locked
from trading.money import AMOUNT_STEP, ONE, cost_up, part_up, proceeds_down, quotient_down
from trading.orders import OrderTicket, OrderType
from trading.signals import Side

# The share of a candle's volume that one order may take of it.
MAX_PARTICIPATION = Decimal("0.1")


def most_of(
    order: OrderTicket, candle: Candle, rules: InstrumentRules, participation: Decimal | None
) -> Decimal | None:
    """The most that this candle fills of the order, on the step; None = there is no such bound.

    What protects is never starved: an order that only reduces and does not wait for a better price
    (an exit at market, every kind of stop) is filled whole, however thin the candle.
    """
    protects = order.reduce_only and order.order_type is not OrderType.LIMIT
    if protects or participation is None:
        return None
    return rules.quantity_down(candle.volume * participation)


def opened_with(
    money: Decimal, side: Side, price: Decimal, fee: Decimal, rules: InstrumentRules
) -> Decimal:
    """The quantity that so much pays for, or is the margin of, its fee included."""
    share = share_to_open(side, fee, rules)
    return affordable(money, price, share, AMOUNT_STEP, rules.quantity_increment)


def share_to_open(side: Side, fee: Decimal, rules: InstrumentRules) -> Decimal:
    """What of its worth an order needs that opens: all, or of a short the margin, and the fee."""
    return (ONE if side is Side.BUY else rules.initial_margin) + fee


def affordable(
    money: Decimal, price: Decimal, share: Decimal, amount: Decimal, step: Decimal
) -> Decimal:
    """On plain numbers: the quantity of which so much money pays `share`, on the step."""
    # What it takes is rounded up twice, to the smallest amount.
    return quotient_down(money - 2 * amount, price, share, step)


def commission_of(quantity: Decimal, price: Decimal, fee: Decimal, amount: Decimal) -> Decimal:
    """On plain numbers: the fee of a fill, on the smallest amount."""
    return part_up(quantity * price, fee, amount)


def still_reserved(amount: Decimal, left: Decimal, before: Decimal) -> Decimal:
    """What of a reservation stays when of `before` only `left` is still to be filled, rounded
    up."""
    return cost_up(amount * left / before) if left else Decimal(0)


def locked_after(
    before: Decimal,
    held: Decimal,
    side: Side,
    quantity: Decimal,
    price: Decimal,
    rules: InstrumentRules,
) -> Decimal:
    """What a position keeps of the cash after a fill, given what it kept of it before and the
    signed quantity held then."""
    if side is Side.SELL and held <= 0:
        return before + locked(-proceeds_down(quantity * price), rules.initial_margin)
    if side is Side.BUY and held < 0:
        return cost_up(before * (1 - min(quantity / -held, Decimal(1))))
    return before


def cash_change(side: Side, quantity: Decimal, price: Decimal, commission: Decimal) -> Decimal:
    if side is Side.BUY:
        return -cost_up(quantity * price) - commission
    return proceeds_down(quantity * price) - commission
