"""Who set a limit, and what cut a size down, in words."""

from trading.gates import class_budget, daily_loss, max_positions, minimum, warmup
from trading.gates.bounds import Source
from trading.gates.values import Verdict
from trading.sizing import CapCode

AUTHORS: dict[str, str] = {
    Source.HARD: "a hard control",
    Source.PLATFORM: "the platform",
    Source.TIER: "the capital tier",
    Source.PLAN: "your plan",
    Source.USER: "you",
    Source.STRATEGY: "the strategy",
    Source.SUBSCRIPTION: "the subscription",
}
# Of the gates whose limit nobody else could have set.
_ALWAYS: dict[int, str] = {
    warmup.NUMBER: AUTHORS[Source.STRATEGY],
    max_positions.NUMBER: AUTHORS[Source.SUBSCRIPTION],
    daily_loss.NUMBER: AUTHORS[Source.SUBSCRIPTION],
    minimum.NUMBER: "the venue",
    class_budget.NUMBER: "the allocation",
}
CAPS: dict[str, str] = {
    CapCode.CAPITAL_TIMES_LEVERAGE: "the subscription's capital times its leverage",
    CapCode.CAPITAL_IN_USE: "what is left of the subscription's capital",
    CapCode.FREE_CASH: "the free cash of the account",
    CapCode.VALUE: "what one order may be worth",
    CapCode.SHARE: "the share of the account that one order may take",
    CapCode.AVAILABLE: "the capital of the account that is left",
    CapCode.EXPOSURE: "what the account may have in positions",
    CapCode.CORRELATED: "what the account may have in instruments that move together",
    CapCode.CLASS_BUDGET: "what the allocation gives to this kind of instrument",
    CapCode.STRATEGY_SHARE: "the share of the capital that the strategy may have in positions",
    CapCode.WEEKLY_LOSS: "this week's loss, which halves sizes",
}


def cap(stored: str) -> str:
    """What cut a size down, and who set it: `SHARE:tier`."""
    code, _, source = stored.partition(":")
    words = CAPS.get(code, code)
    return f"{words}, set by {AUTHORS.get(source, source)}" if source else words


def author(verdict: Verdict) -> str:
    """`set by the capital tier`; empty where the limit is nobody's."""
    source = verdict.source
    if source.partition(":")[0] in CAPS:
        return cap(source)
    who = AUTHORS.get(source, source) or _ALWAYS.get(verdict.gate, "")
    return f"set by {who}" if who and verdict.limit else ""
