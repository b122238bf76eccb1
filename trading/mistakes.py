"""What goes wrong inside code that is not the platform's own path, as a strategy: caught where it
is asked, so that nobody else hears of it but those who mend it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from traceback import TracebackException, extract_tb


@dataclass(slots=True)
class Caught:
    """None = there was no mistake."""

    mistake: Exception | None = None


@contextmanager
def caught(*others: type[Exception]) -> Iterator[Caught]:
    """`with caught() as found:` ends where a mistake is made, and `found.mistake` is that one, of
    any class: a strategy may have its own. `others` are no mistakes of who was asked, as what
    ends a task from outside: they go on.
    """
    found = Caught()
    try:
        yield found
    except others:
        raise
    except Exception as mistake:  # noqa: BLE001 - docs/decisions/0010
        found.mistake = mistake


def words(mistake: Exception) -> str:
    """What it was and what it says: "ZeroDivisionError: division by zero"; also of one that fails
    when it is asked what it says."""
    return f"{type(mistake).__name__}: {TracebackException.from_exception(mistake)}"


def place(mistake: Exception) -> str:
    """The file and line that raised it, as in "sma_crossover.py:41"."""
    frames = extract_tb(mistake.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
