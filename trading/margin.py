"""Isolated margin: what a short keeps of an account's cash, where it is closed by force, and what
it pays while it is held.

The proceeds of a short and `initial_margin` of them on top stay with the position: with what the
sale brought in, that is all it can lose. It is closed when what is left of the two covers only
`maintenance_margin` of what it would cost to buy back. A long is paid in full, keeps nothing and
has no such price. These are the rules of linear contracts on isolated margin, as the venues
publish them, without tiers by size.
"""

from decimal import Decimal

from trading.instruments import InstrumentRules
from trading.money import AMOUNT_STEP, ZERO, cost_up, part_up, proceeds_down


def locked(cost: Decimal, initial_margin: Decimal) -> Decimal:
    """Cash that nothing else may be paid from, by the signed cost of a position."""
    return kept(cost, 1 + initial_margin, AMOUNT_STEP) if cost < 0 else ZERO


def kept(cost: Decimal, share: Decimal, amount: Decimal) -> Decimal:
    """On plain numbers: `share` of the worth of a short, on the smallest amount; nothing of a
    long."""
    return part_up(max(-cost, 0 * cost), share, amount)


def liquidation_price(average_entry: Decimal, rules: InstrumentRules) -> Decimal:
    """Of a short: where entry x (1 + initial) = price x (1 + maintenance). Rounded towards the
    entry, so that it is never too late."""
    most = average_entry * (1 + rules.initial_margin) / (1 + rules.maintenance_margin)
    return rules.price_down(most)


def funding_payment(quantity: Decimal, price: Decimal, rate: Decimal) -> Decimal:
    """What a position gets (negative: pays) for holding the signed quantity at the moment of the
    funding. At a positive rate longs pay shorts. Rounded against the position.
    """
    paid = quantity * price * rate
    return -cost_up(paid) if paid > 0 else proceeds_down(-paid)
