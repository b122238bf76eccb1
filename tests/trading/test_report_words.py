from datetime import timedelta

import pytest

from trading.performance.sheet import said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("cagr", 1.5, "150.00 %"),
        ("cagr", 3_351_576_090.0, "over 1,000,000 %"),
        ("calmar", 2_249_404.4, "over 10,000"),
        ("calmar", None, "—"),
        ("total_return", 20_000.0, "2,000,000.00 %"),  # that is what was earned
    ],
)
def test_a_year_made_of_a_few_days_is_not_told_to_the_digit(
    name: str, value: float | None, words: str
) -> None:
    assert said(name, value) == words


def test_a_length_of_time_is_told_in_words() -> None:
    assert said("avg_holding_time", timedelta(days=2, hours=3)) == "2 d 3 h"
    assert said("max_drawdown_duration", timedelta(minutes=90)) == "1 h 30 min"
