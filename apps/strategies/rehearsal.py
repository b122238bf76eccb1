"""A process of its own, in which a strategy is looked at and timed:
`python -m apps.strategies.rehearsal REQUEST ANSWER`, two files of JSON.

Without Django, so that what is rehearsed finds no database and the process starts at once; an
answer on standard output could be mixed with what the strategy prints.
"""

import importlib
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from trading.candles import Timeframe
from trading.integrity import (
    Columns,
    Status,
    Subject,
    asked_again,
    decider,
    determinism,
    examine,
    first_look,
    look_at_markets,
    measured,
    runtime,
    to_json,
    transcript,
)
from trading.strategies import REGISTRY, ParametersNotUsable, Strategy

CODES = ", ".join(REGISTRY)


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is the code of a built-in, or `package.module:NAME` of a Strategy or of a function
    from candles to columns; only of the latter the `warmup` is not known."""

    target: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    timeframe: str = Timeframe.M15.value
    warmup: int | None = None


class NotRehearsable(ValueError):
    """The request names nothing that could be looked at."""


def subject_of(request: Request) -> Subject:
    """Raises NotRehearsable, ParametersNotUsable."""
    found = REGISTRY.get(request.target) or _imported(request.target)
    if isinstance(found, Strategy):
        if request.warmup is not None:
            raise NotRehearsable(f"{found.code} declares its warm-up itself.")
        return decider(found, request.parameters)
    if not callable(found):
        raise NotRehearsable(f"{request.target} is neither a Strategy nor a function.")
    if request.parameters:
        raise NotRehearsable("A function of columns has no parameters.")
    if request.warmup is None or request.warmup < 1:
        raise NotRehearsable("A function of columns needs a warm-up of one candle or more.")
    return Columns(request.target, request.warmup, found)


def rehearse(request: Request) -> dict[str, Any]:
    """Verdicts of all that one process can tell, and the transcript for a comparison with another.
    Who is far too slow is only told so.
    """
    subject, timeframe = subject_of(request), Timeframe.parse(request.timeframe)
    at_first = runtime(list(measured(subject, [first_look(subject, timeframe)], time.perf_counter)))
    if at_first.status is Status.FAIL:
        return {"verdicts": [to_json(at_first)], "again": None, "transcript": []}
    looks = look_at_markets(subject, timeframe)
    lines = transcript(subject, looks)
    again = determinism(asked_again(subject, looks), [lines])
    timings = list(measured(subject, looks, time.perf_counter))
    verdicts = [*examine(subject, looks), runtime(timings)]
    return {
        "verdicts": [to_json(verdict) for verdict in verdicts],
        "again": to_json(again) if again.status is Status.FAIL else None,
        "transcript": lines,
    }


def write_request(request: Request, path: Path) -> None:
    path.write_text(json.dumps(asdict(request)))


def main(request_path: str, answer_path: str) -> None:
    request = Request(**json.loads(Path(request_path).read_text()))
    try:
        answer = rehearse(request)
    except (NotRehearsable, ParametersNotUsable) as refused:
        answer = {"refused": str(refused)}
    Path(answer_path).write_text(json.dumps(answer))


def _imported(target: str) -> object:
    module, colon, name = target.partition(":")
    if not colon:
        raise NotRehearsable(f"There is no strategy '{target}'. Known: {CODES}.")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as missing:
        raise NotRehearsable(f"{target} cannot be imported: {missing}") from missing


if __name__ == "__main__":
    main(*sys.argv[1:])
