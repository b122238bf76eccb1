"""How stored numbers of verdicts are said to people."""

from decimal import Decimal

from apps.common import numbers
from apps.risk.models import Decision
from trading.gates.sentences import Sayings, is_number
from trading.money import AMOUNT_STEP, floor_to


def in_currency(currency: str, quote: str = "") -> Sayings:
    """How stored numbers are said to whoever holds this currency. Prices are of an instrument,
    which may be paid in another one."""
    return Sayings(
        money=lambda stored: amount(stored, currency),
        exact=lambda stored: _exact(stored, currency),
        price=lambda stored: _exact(stored, quote or currency),
        quantity=measured,
    )


def of_receipt(decision: Decision) -> Sayings:
    """In the currencies of its account and of its instrument."""
    return in_currency(decision.account.currency, decision.instrument.quote)


def measured(said: str) -> str:
    """To eight places, finer than what is traded; rounded down, as a cap is no more than it is."""
    return numbers.quantity(floor_to(Decimal(said), AMOUNT_STEP)) if is_number(said) else said


def _exact(said: str, currency: str) -> str:
    return f"{amount(said)} {currency}" if is_number(said) else said


def amount(said: str, currency: str = "") -> str:
    """A stored number as people read it; what is no number stays as it is."""
    if not is_number(said):
        return said
    value = Decimal(said)
    return f"{numbers.money(value, currency)} {currency}" if currency else numbers.quantity(value)
