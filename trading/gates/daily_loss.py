from decimal import Decimal

from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    missing,
    passed,
    refused,
    unknown,
)
from trading.money import ZERO

NUMBER = 7


def daily_loss_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Today's loss, open positions included, is below the limit; at the limit it refuses.

    `max_daily_loss` is a fraction of the subscription's capital; the day is the venue's, in UTC.
    """
    pnl, fraction, capital = snapshot.day_pnl, limits.max_daily_loss, limits.capital
    lacking = missing(day_pnl=pnl, max_daily_loss=fraction, capital=capital)
    if pnl is None or lacking:
        return unknown(NUMBER, lacking)
    loss, most = max(ZERO, -pnl), fraction * capital
    if is_within(loss, most):
        return passed(NUMBER, loss, most)
    return refused(NUMBER, GateCode.DAILY_LOSS_LIMIT, loss, most)


def is_within(loss: Decimal, most: Decimal) -> bool:
    """On plain numbers. Who has lost nothing may trade, however little they may lose."""
    return loss < most or loss == 0
