from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.excursions import excursions
from trading.signals import Direction

TWO, ENTRY = Decimal(2), Decimal(100)
prices = st.decimals(min_value="0.01", max_value=10_000, places=2)


def test_a_long_suffers_from_lows_and_gains_from_highs() -> None:
    found = excursions(Direction.LONG, TWO, ENTRY, low=Decimal(97), high=Decimal(105))

    assert (found.mae, found.mfe) == (Decimal(6), Decimal(10))


def test_a_short_suffers_from_highs_and_gains_from_lows() -> None:
    found = excursions(Direction.SHORT, TWO, ENTRY, low=Decimal(97), high=Decimal(105))

    assert (found.mae, found.mfe) == (Decimal(10), Decimal(6))


def test_a_trade_that_never_went_against_its_owner_has_no_adverse_excursion() -> None:
    found = excursions(Direction.LONG, TWO, ENTRY, low=Decimal(101), high=Decimal(105))

    assert found.mae == 0


@given(entry=prices, low=prices, high=prices)
def test_a_short_is_a_long_in_the_mirror(entry: Decimal, low: Decimal, high: Decimal) -> None:
    low, high = sorted((low, high))

    long = excursions(Direction.LONG, TWO, entry, low, high)
    short = excursions(Direction.SHORT, TWO, entry, low, high)

    assert (long.mae, long.mfe) == (short.mfe, short.mae)
    assert min(long) >= 0
