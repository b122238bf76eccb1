from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    TradingState,
    Verdict,
    passed,
    refused,
    unknown,
)

NUMBER = 1


def trading_is_active(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Entries leave only while trading is ACTIVE for platform, user and strategy alike."""
    state = snapshot.trading_state
    if state is None:
        return unknown(NUMBER, "trading_state")
    if state is TradingState.ACTIVE:
        return passed(NUMBER, state.name)
    if state is TradingState.REDUCING:
        return refused(NUMBER, GateCode.TRADING_REDUCING, state.name, TradingState.ACTIVE.name)
    return refused(NUMBER, GateCode.TRADING_HALTED, state.name, TradingState.ACTIVE.name)
