from apps.common.fields import choices
from trading.candles import Timeframe

TIMEFRAMES = choices(Timeframe)
