"""What several gates do alike: hold one fact against one bound."""

from decimal import Decimal

from trading.gates.bounds import Bound
from trading.gates.codes import GateCode
from trading.gates.risk_facts import Told
from trading.gates.values import (
    NO_LIMIT,
    Intent,
    Verdict,
    answer,
    capital_of,
    known,
    not_applicable,
    passed,
    refused,
    unknown,
    worth,
)
from trading.money import ZERO


def below(
    gate: int, code: GateCode, name: str, fact: Told[int | Decimal], bound: Bound | None
) -> Verdict:
    """Below the bound it passes; at the bound it refuses."""
    value: int | Decimal | Verdict = known(gate, name, fact)
    if isinstance(value, Verdict):
        return value
    if bound is None:
        return not_applicable(gate, NO_LIMIT)
    if value < bound.value:
        return passed(gate, value, bound.said, bound.source)
    return refused(gate, code, value, bound.said, bound.source)


def within(
    gate: int, code: GateCode, name: str, fact: Told[Decimal], bound: Bound | None
) -> Verdict:
    """At the bound it still passes; above it refuses. What cannot be below zero and is, is not
    known."""
    value = known(gate, name, fact)
    if isinstance(value, Verdict):
        return value
    if value < 0:
        return unknown(gate, name)
    if bound is None:
        return not_applicable(gate, NO_LIMIT)
    if value <= bound.value:
        return passed(gate, value, bound.said, bound.source)
    return refused(gate, code, value, bound.said, bound.source)


def loss_below(
    gate: int,
    code: GateCode,
    pnl: tuple[str, Told[Decimal]],
    equity: tuple[str, Told[Decimal]],
    bound: Bound | None,
) -> Verdict:
    """A loss below this share of the equity passes; at it, it refuses. No loss always passes. The
    facts come with their names."""
    result = known(gate, *pnl)
    if isinstance(result, Verdict):
        return result
    base = capital_of(gate, *equity)
    if isinstance(base, Verdict):
        return base
    if bound is None:
        return not_applicable(gate, NO_LIMIT)
    lost, most = max(ZERO, -result), bound.value * base
    if lost < most or not lost:
        return passed(gate, lost, most, bound.source)
    return refused(gate, code, lost, most, bound.source)


def joined_within(
    gate: int,
    code: GateCode,
    intent: Intent,
    held: tuple[str, Told[Decimal]],
    equity: Told[Decimal],
    bound: Bound | None,
) -> Verdict:
    """What is held and the order together are at most this share of the equity (inclusive)."""
    there = known(gate, *held)
    if isinstance(there, Verdict):
        return there
    base = capital_of(gate, "equity", equity)
    if isinstance(base, Verdict):
        return base
    more = worth(gate, intent)
    if isinstance(more, Verdict):
        return more
    if bound is None:
        return not_applicable(gate, NO_LIMIT)
    most = bound.value * base
    is_within = there + more <= most
    return answer(gate, "" if is_within else code, there + more, most, bound.source)
