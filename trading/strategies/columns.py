"""What a strategy says over a whole history, as arrays: the form that the compiled path takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from trading.candles import FloatArray

F = TypeVar("F", bound=Callable[..., object])
Said = NDArray[np.int8]

# What `Columns.enters` holds where rounding could decide: the row must be asked of `decide`.
DOUBTFUL = 2


@dataclass(frozen=True, slots=True)
class Columns:
    """At each row what it leaves and then enters, at market: 1 = a long, -1 = a short, 0 = nothing.
    Stop and target lie these fractions of the close away from it; 0 = off.
    """

    leaves: Said
    enters: Said
    stop_fraction: float = 0.0
    target_fraction: float = 0.0


class Tools(Protocol):
    """What a strategy is lent to fill its columns with. It knows nothing of who compiles."""

    def compiled(self, loop: F) -> F:
        """The same function of arrays and numbers, as machine code; or just itself."""

    def totals(self, values: FloatArray) -> FloatArray:
        """Running sums from 0 on, one longer than the values. Differences of two are exact sums of
        what lies between, in units of the smallest decimal of the values."""
