"""What a line that is logged inside the pipeline says of where it stands."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from apps.risk import selectors
from tests.fakes import JUMP, MONDAY, QUIET, World, world
from trading.signals import Signal
from trading.strategies import REGISTRY

pytestmark = pytest.mark.django_db


class Known(logging.Handler):
    """What was bound when a line came."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(get_contextvars())


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def test_a_strategy_that_fails_is_told_with_venue_close_version_and_instrument(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Sequence[Signal]:
        raise ValueError("it fails")

    monkeypatch.setitem(REGISTRY, "sma_crossover", replace(REGISTRY["sma_crossover"], decide=fail))
    known = Known()
    logger = logging.getLogger("apps.strategies.services.running")
    logger.addHandler(known)

    after = lab.play(*QUIET, first=MONDAY)
    logger.removeHandler(known)

    assert known.seen == [
        {"venue": "lab", "close": after, "version": lab.version.pk, "instrument": "BTC-USD"}
    ]
    assert get_contextvars() == {}


def test_the_fan_out_names_its_version_and_its_runs(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    counted = selectors.decisions_by_run

    def watched(runs: Any) -> Any:
        seen.append((get_contextvars(), [run.pk for run in runs]))
        return counted(runs)

    monkeypatch.setattr(selectors, "decisions_by_run", watched)
    lab.play(*QUIET, JUMP, first=MONDAY)

    ((known, runs),) = seen
    assert (known["version"], known["runs"]) == (lab.version.pk, runs)
