"""What is written beside candles as they arrive. Parts of statements that have the candles of this
arrival as `incoming`, and the new ones among them as `inserted`.
"""

from apps.market.models import Candle, CandleCursor, CandleRevision, LateCandle
from trading.candles import Timeframe

_CANDLES = Candle._meta.db_table
_CURSORS = CandleCursor._meta.db_table
_KEY = "instrument_id, timeframe, open_time"
_VALUES = ("open", "high", "low", "close", "volume")
_SAME_KEY = "USING (instrument_id, timeframe, open_time)"
_LENGTHS = ", ".join(f"('{item.value}', interval '{item.minutes} minutes')" for item in Timeframe)


def _of(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _VALUES)


# Written behind the cursor, after an older candle: runs between then and now did not see it. (Of
# candles older than all others no run knows; a strategy sees the newest so many.)
LATE = f"""
  INSERT INTO {LateCandle._meta.db_table} ({_KEY})
  SELECT inserted.instrument_id, inserted.timeframe, inserted.open_time FROM inserted
  JOIN {_CURSORS} AS reached USING (instrument_id, timeframe)
  JOIN (VALUES {_LENGTHS}) AS frame(timeframe, length) USING (timeframe)
  WHERE inserted.open_time + frame.length <= reached.closed_through AND EXISTS (
    SELECT FROM {_CANDLES} AS older WHERE older.instrument_id = inserted.instrument_id
    AND older.timeframe = inserted.timeframe AND older.open_time < inserted.open_time
  ) ON CONFLICT DO NOTHING"""  # noqa: S608 - our own tables

DIFFERENT = f"""
  FROM incoming JOIN {_CANDLES} AS kept {_SAME_KEY}
  WHERE ({_of("incoming")}) <> ({_of("kept")})"""

REVISED = f"""
  INSERT INTO {CandleRevision._meta.db_table} ({_KEY}, {", ".join(_VALUES)})
  SELECT {_KEY}, {_of("incoming")} {DIFFERENT} ON CONFLICT DO NOTHING"""
