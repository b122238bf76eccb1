from trading.gates.codes import GateCode
from trading.gates.comparing import within
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 27


def market_data_is_fresh(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The latest candle is no older than so many candles (inclusive)."""
    age, bound = snapshot.risk.market.candle_age, limits.bounds.candle_age
    return within(NUMBER, GateCode.STALE_MARKET_DATA, "candle_age", age, bound)
