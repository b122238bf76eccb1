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
    deciding = _deciding(due, decide)
    for number, close in enumerate(due.unmet):
        if number:
            yield partial(closes.pass_over, due.unmet[number - 1])
        yield partial(meet, close)
        yield partial(next, deciding, None)
    if not due.unmet:
        yield partial(next, deciding, None)
    yield partial(closes.measure_lag, due)


def _deciding(due: Due, decide: Decide) -> Iterator[None]:
    """With each step all that was met by then. What has raised is over: it decides no more."""
    for reached in [close.time for close in due.unmet] or [due.reached]:
        while due.undecided and due.undecided[0].time <= reached:
            decide(due.undecided[0], max(reached, due.reached))
            due.undecided.popleft()
        yield
