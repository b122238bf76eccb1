"""Numba, when it is needed: the functions of the core that the compiled path shares are compiled
from the same source, and the roundings of `trading/money.py` get a form for whole numbers.

A number here is an int64 of the smallest unit (trading/compiled/units.py); a share of a price or of
money is a pair, numerator and denominator. Loaded only by who runs something: numba takes about a
second to import, and the kernel some ten to compile for the first time on a machine. What is
compiled is kept in a folder named by the source, so that a changed rule never runs in its old form.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import trading
from trading import margin, money
from trading.compiled import adding, deciding, filling, kernel, marking, whole
from trading.gates import daily_loss
from trading.ledger import value_of
from trading.matching import amounts, levels
from trading.strategies import crossing

# What the kernel calls, in the order in which it is built: each is compiled as it stands.

SHARED: tuple[Callable[..., Any], ...] = (
    crossing.is_above, crossing.crosses_above, crossing.crosses_below,
    whole.floor_of, whole.fits,
    whole.whole_part_up, whole.whole_part_down, whole.whole_quotient_down, whole.nearest_float,
    levels.is_met, levels.slipped_to, levels.stopped_at, levels.limit_at_open,
    value_of, amounts.commission_of, amounts.affordable, margin.kept, daily_loss.is_within,
    filling.units, filling.begin_day, filling.book_fill, filling.nearer,
    filling.protect, filling.enter, filling.leave,
    filling.meet_open, filling.meet_inside, marking.mark_all, marking.mark_before,
    deciding.receive, deciding.size_of, deciding.too_small, deciding.needed_for,
    deciding.loss_of, deciding.losable, deciding.refused, deciding.decide_exit,
    deciding.decide_entry, deciding.decide, kernel.quiet_until,
    adding.add_returns, adding.add_falls,
)  # fmt: skip


KERNEL = f"kernel.{kernel.simulate.__name__}"  # as numba names what it keeps of it


class NumbaMissing(ImportError):
    """Nothing can be compiled here."""


@cache
def machine() -> ModuleType:
    """Numba, taught the shared rules. Raises NumbaMissing."""
    try:
        import numba  # noqa: PLC0415 - slow, and web workers never need it
        from numba.extending import overload, register_jitable  # noqa: PLC0415
    except ImportError as error:
        raise NumbaMissing("numba is not installed") from error
    if _folder() is not None:
        config: Any = numba.config
        config.CACHE_DIR = str(_folder())
    overload(money.part_up)(_part_up)
    overload(money.part_down)(_part_down)
    overload(money.quotient_down)(_quotient_down)
    for function in SHARED:
        register_jitable(forceinline=True, error_model="numpy")(function)
    found: ModuleType = numba
    return found


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function as machine code that lets go of the interpreter's lock."""
    kept = _folder() is not None
    made: Callable[..., Any] = machine().njit(nogil=True, cache=kept, error_model="numpy")(function)
    return made


def is_ready() -> bool:
    """Whether the kernel was compiled on this machine before."""
    folder = _folder()
    return folder is not None and any(folder.rglob(f"{KERNEL}*.nbi"))


@cache
def _source() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(trading.__path__[0]).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _folder() -> Path | None:
    """Where compiled code is kept; None = nowhere can be written. Numba looks at the file of a
    function only, not at those of what it calls, and it runs what it finds: so the folder is named
    by the whole source, and is the user's own."""
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = base / "nija" / _source()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a disk that cannot be written, a user without a home
        return None
    return folder if os.access(folder, os.W_OK) else None


def _part_up(value: Any, share: Any, step: Any) -> Any:
    return whole.whole_part_up


def _part_down(value: Any, share: Any, step: Any) -> Any:
    return whole.whole_part_down


def _quotient_down(value: Any, divisor: Any, share: Any, step: Any) -> Any:
    return whole.whole_quotient_down
