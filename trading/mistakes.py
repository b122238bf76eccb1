"""What goes wrong inside code that is not the platform's own path, as a strategy: caught where it
is asked, so that nobody else hears of it but those who mend it.
"""

from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Self

# The families of Python's own errors, by name: `Exception` is wider by what is sent in from outside
# to end a task, such as a worker's time limit, and that is no mistake of who happens to be running.
MISTAKES: tuple[type[Exception], ...] = (
    ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, ImportError,
    LookupError, MemoryError, NameError, OSError, ReferenceError, RuntimeError,
    StopAsyncIteration, StopIteration, SyntaxError, SystemError, TypeError, ValueError, Warning,
)  # fmt: skip


class Caught:
    """`with Caught() as caught:` ends where a mistake is made, and `caught.mistake` is that one.
    None = there was none. What is no mistake goes on.
    """

    mistake: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        # A bare one is TA-Lib's: it raises nothing else.
        if isinstance(error, Exception) and (isinstance(error, MISTAKES) or kind is Exception):
            self.mistake = error
        return self.mistake is not None


def words(mistake: Exception) -> str:
    """What it was and what it says: "ZeroDivisionError: division by zero"."""
    return f"{type(mistake).__name__}: {mistake}"


def place(mistake: Exception) -> str:
    """The file and line that raised it, as in "sma_crossover.py:41"."""
    frames = extract_tb(mistake.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"
