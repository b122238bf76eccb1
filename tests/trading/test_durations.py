from datetime import timedelta

import pytest

from trading.durations import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0\u00a0ms"),
        (0.35, "350\u00a0ms"),
        (0.9991, "1.0\u00a0s"),
        (4.11, "4.2\u00a0s"),
        (59.95, "1\u00a0min"),
        (719, "12\u00a0min"),
        (3_541, "1 h 0 min"),
        (3 * 3600 + 241, "3 h 5 min"),
        (86_399, "1 d 0 h"),
        (2 * 86_400 + 3 * 3600, "2 d 3 h"),
        (2 * 86_400 + 3 * 3600 + 1, "2 d 4 h"),
    ],
)
def test_a_length_of_time_in_words_is_rounded_up(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words
