"""In which order closes are taken through the two halves of the pipeline."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from apps.execution.services import closes
from apps.execution.services.closes import Close, Due

Meet = Callable[[Close], None]
Decide = Callable[[Close, datetime], None]


def steps(due: Due, meet: Meet, decide: Decide) -> Iterator[Callable[[], object]]:
    """Each close is decided before orders meet the next. One that fails at meeting orders is tried
    again with every call until a later one has come; one that fails at deciding, until it is
    decided: so long nothing later is.
    """
    undecided = list(due.undecided)
    for number, close in enumerate(due.unmet):
        if number:
            yield partial(closes.pass_over, due.unmet[number - 1])
        yield partial(meet, close)
        while undecided and undecided[0].time <= close.time:
            yield partial(_decide, due, decide, undecided.pop(0), max(close.time, due.reached))
    if not due.unmet:
        for close in undecided:
            yield partial(_decide, due, decide, close, due.reached)
    yield partial(closes.measure_lag, due)


def _decide(due: Due, decide: Decide, close: Close, reached: datetime) -> None:
    """Where nothing before it is left: what has raised, and is not decided all the same, ends it
    for this call."""
    if due.undecided[0] is not close:
        return
    try:
        decide(close, reached)
    finally:
        if close.is_decided:
            due.undecided.popleft()
