"""What a strategy declares. Its parameters are a frozen dataclass whose fields carry their
ranges."""

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.candles import CandleSeries
from trading.signals import Signal
from trading.sizing import SizingPolicy
from trading.strategies.columns import Columns, Tools


class ParametersNotUsable(ValueError):
    """A parameter is unknown, of the wrong type, out of its range, or at odds with another."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """`decide(candles, parameters)` gets at least `warmup(parameters)` closed candles of one
    instrument, oldest first, and answers for the last close only. `sizing` is that of its versions,
    unless they are made with another. `package` decides with it. `most_exposed`: the part of the
    capital in all its positions together, at most.

    `may_speak(candles, parameters)` is over a whole history and only saves time: False at an index
    says that `decide`, asked there, answers nothing. True promises nothing. None = not known.

    `columns(candles, parameters, tools)` says the same as `decide` does at every row with enough
    history, as arrays, for the compiled path (trading/compiled). None = it has no such form.
    """

    code: str
    title: str
    idea: str
    parameters: type[Any]
    warmup: Callable[[Any], int]
    decide: Callable[[CandleSeries, Any], Sequence[Signal]]
    sizing: SizingPolicy = SizingPolicy.RISK
    most_exposed: Decimal | None = None
    package: ModuleType | None = None
    may_speak: Callable[[CandleSeries, Any], NDArray[np.bool_]] | None = None
    columns: Callable[[CandleSeries, Any, Tools], Columns] | None = None

    def parse(self, values: Mapping[str, object]) -> Any:
        """The typed parameters; what is not given gets its default. Raises ParametersNotUsable."""
        known = {item.name: item for item in fields(self.parameters)}
        for name in values:
            if name not in known:
                raise ParametersNotUsable(f"{self.code} has no parameter '{name}'.")
        checked = {name: _checked(known[name], value) for name, value in values.items()}
        return self.parameters(**checked)

    def content_hash(self) -> str:
        """SHA-256 of the source that decides, its own and its package's: what a version was when it
        was approved. Indicators and crossings are not in it: their tests say what they compute.
        """
        source = inspect.getsourcefile(self.decide)
        if source is None:
            raise ParametersNotUsable(f"The source of {self.code} cannot be read.")
        found = hashlib.sha256(Path(source).read_bytes())
        for folder in () if self.package is None else self.package.__path__:
            for path in sorted(Path(folder).glob("*.py")):
                found.update(path.read_bytes())
        return found.hexdigest()


def parameter(default: Any, *, minimum: float, maximum: float, about: str) -> Any:
    """A declared parameter: its type is its annotation (int or float), its range is inclusive."""
    return field(default=default, metadata={"minimum": minimum, "maximum": maximum, "about": about})


def _checked(item: Any, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParametersNotUsable(f"{item.name} must be a number, not {value!r}.")
    low, high = item.metadata["minimum"], item.metadata["maximum"]
    if not low <= value <= high:  # also refuses NaN
        raise ParametersNotUsable(f"{item.name} must lie between {low} and {high}, not {value!r}.")
    if item.type is int and not float(value).is_integer():
        raise ParametersNotUsable(f"{item.name} must be a whole number, not {value!r}.")
    return int(value) if item.type is int else float(value)
