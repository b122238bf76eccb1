"""Whatever a strategy does wrong is caught where it is asked; what ends a task is not."""

import builtins

import pytest

from trading.mistakes import MISTAKES, Caught, place, words

FAMILIES = [
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and Exception in kind.__bases__ and kind is not ExceptionGroup
]


class TimeIsUp(Exception):
    """As Celery's, which a worker raises inside whatever is running."""


def test_every_family_of_errors_that_python_has_is_a_mistake() -> None:
    assert set(MISTAKES) == set(FAMILIES)


@pytest.mark.parametrize("kind", [*MISTAKES, Exception, ZeroDivisionError, RecursionError])
def test_a_mistake_is_caught_and_told(kind: type[Exception]) -> None:
    with Caught() as caught:
        raise kind("it went wrong")

    assert isinstance(caught.mistake, kind)
    assert words(caught.mistake) == f"{kind.__name__}: it went wrong"
    assert place(caught.mistake).startswith("test_mistakes.py:")


@pytest.mark.parametrize("kind", [TimeIsUp, KeyboardInterrupt, SystemExit])
def test_what_ends_a_task_goes_on(kind: type[BaseException]) -> None:
    with pytest.raises(kind), Caught():
        raise kind


def test_nothing_is_caught_where_nothing_was_wrong() -> None:
    with Caught() as caught:
        pass

    assert caught.mistake is None
