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
from trading.money import AMOUNT_STEP, ZERO, floor_to


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
    """As `share_below`, of what was won, and an equity; the facts come with their names."""
    result = known(gate, *pnl)
    if isinstance(result, Verdict):
        return result
    base = capital_of(gate, *equity)
    if isinstance(base, Verdict):
        return base
    return share_below(gate, code, -result, base, bound)


def share_below(
    gate: int, code: GateCode, lost: Decimal, base: Decimal, bound: Bound | None
) -> Verdict:
    """A loss below this share of the base passes; at it, it refuses. No loss always passes.

    It is told as a share, rounded down: the base moves with every deposit and withdrawal, so that
    the share stays what it was, and their difference is no money that anybody lost.
    """
    if bound is None:
        return not_applicable(gate, NO_LIMIT)
    if lost <= 0:
        return passed(gate, ZERO, bound.said, bound.source)
    share = floor_to(lost / base, AMOUNT_STEP)
    if lost < bound.value * base:
        return passed(gate, share, bound.said, bound.source)
    return refused(gate, code, share, bound.said, bound.source)


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
