"""TA-Lib, loaded when first asked: importing it imports pandas, which takes most of a second.

Its functions are those of the extension module; the ones that `talib` itself offers wrap them to
take pandas' series too.
"""

from functools import cache
from types import ModuleType


@cache
def load() -> ModuleType:
    import talib._ta_lib as talib  # noqa: PLC0415

    return talib
