"""How trading has gone. Realised money, by closed trades, is here; the report with the figures of
the equity marked to market is `measuring.report`, laid out by `sheet.py` and `telling.py`.
"""

from trading.performance.realised import (
    ClosedTrade,
    Drawdown,
    Flow,
    Performance,
    months,
    performance,
    streak,
)

__all__ = ["ClosedTrade", "Drawdown", "Flow", "Performance", "months", "performance", "streak"]
