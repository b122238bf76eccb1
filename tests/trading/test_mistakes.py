"""Whatever a strategy does wrong is caught where it is asked; what ends a task is not."""

import builtins

import pytest

from trading.mistakes import caught, place, words

PYTHONS = [
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and Exception in kind.__bases__ and kind is not ExceptionGroup
]


class Own(Exception):
    """A strategy's, of no family that Python has."""


class TimeIsUp(Exception):
    """As Celery's, which a worker raises inside whatever is running."""


class Unspeakable(Own):
    def __str__(self) -> str:
        raise Own


@pytest.mark.parametrize("kind", [*PYTHONS, Exception, ZeroDivisionError, RecursionError, Own])
def test_a_mistake_of_any_class_is_caught_and_told(kind: type[Exception]) -> None:
    with caught(TimeIsUp) as found:
        raise kind("it went wrong")

    assert isinstance(found.mistake, kind)
    assert words(found.mistake) == f"{kind.__name__}: it went wrong"
    assert place(found.mistake).startswith("test_mistakes.py:")


def test_one_that_cannot_say_what_it_is_is_told_by_its_class() -> None:
    assert words(Unspeakable()).startswith("Unspeakable: ")


@pytest.mark.parametrize("kind", [TimeIsUp, KeyboardInterrupt, SystemExit])
def test_what_ends_a_task_goes_on(kind: type[BaseException]) -> None:
    with pytest.raises(kind), caught(TimeIsUp):
        raise kind


def test_nothing_is_caught_where_nothing_was_wrong() -> None:
    with caught() as found:
        pass

    assert found.mistake is None
