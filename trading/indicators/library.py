"""TA-Lib, loaded when first asked: importing it imports pandas, which takes most of a second."""

from functools import cache
from inspect import unwrap
from types import SimpleNamespace


@cache
def load() -> SimpleNamespace:
    """Its functions by name, without the wrapper that looks for pandas' columns at every call."""
    import talib._ta_lib as talib  # noqa: PLC0415

    functions = {name: each for name, each in vars(talib).items() if name.isupper()}
    return SimpleNamespace(**{name: unwrap(each) for name, each in functions.items()})
