"""The compiled path: the same backtest as `trading.backtest`, as machine code, for the runs that
it can express. Which these are, and how it is proved that both say the same, is in
docs/compiled-backtests.md.
"""

from trading.compiled.choosing import Engine, Ran, backtest_fastest, run
from trading.compiled.running import can_express
from trading.compiled.units import NotExpressible

__all__ = ["Engine", "NotExpressible", "Ran", "backtest_fastest", "can_express", "run"]
