"""Numbers as people read them."""

from decimal import Decimal

import pytest

from apps.common import numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1234567.891", "1,234,567.89"),
        ("0", "0.00"),
        ("-12.345", "\u221212.34"),
        ("-0.001", "0.00"),
        ("0.005", "0.00"),  # half to even, so that sums of rounded figures do not drift
    ],
)
def test_money_is_grouped_and_rounded_to_its_currency(value: str, shown: str) -> None:
    assert numbers.money(Decimal(value), "USD") == shown


def test_a_currency_that_we_do_not_know_keeps_eight_places() -> None:
    assert numbers.money(Decimal("0.00012345"), "BTC") == "0.00012345"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("3.5", "+3.50"), ("-3.5", "\u22123.50"), ("0", "0.00"), ("0.001", "0.00")],
)
def test_what_was_won_or_lost_has_a_sign_and_nothing_has_none(value: str, shown: str) -> None:
    assert numbers.signed_money(Decimal(value), "USD") == shown


def test_what_is_unknown_is_never_a_zero() -> None:
    shown = (
        numbers.money(None, "USD"),
        numbers.signed_money(None, "USD"),
        numbers.signed_percent(None),
        numbers.percent(None),
    )
    assert set(shown) == {"—"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.013000", "0.013"), ("1402.4", "1,402.4"), ("-2", "\u22122"), ("1E+3", "1,000")],
)
def test_a_quantity_keeps_every_digit(value: str, shown: str) -> None:
    assert numbers.quantity(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("increment", "places"), [("0.01", 2), ("0.0100", 2), ("1", 0), ("10", 0), ("0.25", 2)]
)
def test_places_follow_the_increment(increment: str, places: int) -> None:
    assert numbers.places_of(Decimal(increment)) == places


def test_a_percent_is_never_parted_from_its_number() -> None:
    assert numbers.signed_percent(Decimal("-0.0123")) == "\u22121.23\u00a0%"
