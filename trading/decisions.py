"""The decision on one signal for one subscription: how much, and whether at all. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from trading.gates import conclude, is_basic, judge
from trading.gates.caps import caps_of, halved, raised
from trading.gates.risk_facts import NOTHING_PROVIDED, RiskFacts
from trading.gates.values import Intent, Limits, Outcome, Snapshot, TradingState, Verdict
from trading.instruments import InstrumentRules
from trading.margin import locked
from trading.money import ZERO, cost_up, proceeds_down
from trading.signals import Action, EntryPlan, Side, entry_side
from trading.sizing import (
    ENTRY_BUFFER,
    Cap,
    CapCode,
    SizingPolicy,
    clip,
    cost_per_unit,
    entry_buffer,
    fraction_quantity,
    risk_quantity,
    to_reserve,
)
from trading.standing import Holding, Standing


class Asked(NamedTuple):
    """One signal on one instrument, as it is put to everybody."""

    instrument: int
    rules: InstrumentRules
    action: Action
    price: Decimal
    stop_price: Decimal | None
    entry_plan: EntryPlan  # with prices on the increment
    candles_seen: int | None
    is_market_open: bool | None
    session_end: datetime | None
    size_fraction: Decimal | None = None
    target_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A signal before one subscription, with every fact that the gates may ask for. `wanted` are
    units that somebody named; None = by the limits. `is_typed`: by a person or a client, and
    above a cap they are denied; a setting's are cut down. `leaving` are units of it on their way
    out.
    """

    asked: Asked
    snapshot: Snapshot
    limits: Limits
    capital_in_use: Decimal
    wanted: Decimal | None = None
    is_typed: bool = False
    leaving: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Answer:
    intent: Intent
    outcome: Outcome
    code: str
    sized_down_by: str
    verdicts: tuple[Verdict, ...]


def question_of(
    asked: Asked,
    standing: Standing,
    *,
    trading_state: TradingState | None,
    is_symbol_allowed: bool,
    free_cash: Decimal | None,
    wanted: Decimal | None = None,
    is_typed: bool = False,
    risk: RiskFacts = NOTHING_PROVIDED,
) -> Question:
    holding = standing.holdings.get(asked.instrument) or Holding()
    snapshot = Snapshot(
        rules=asked.rules,
        trading_state=trading_state,
        is_subscribed=standing.is_running,
        is_symbol_allowed=is_symbol_allowed,
        is_market_open=asked.is_market_open,
        account_currency=standing.currency,
        candles_seen=asked.candles_seen,
        free_cash=free_cash,
        open_positions=standing.open_positions,
        day_pnl=standing.day_pnl,
        position_quantity=holding.counted(asked.action),
        is_entering=holding.is_entering,
        is_leaving=holding.is_leaving,
        session_end=asked.session_end,
        risk=risk,
    )
    in_use = standing.in_use
    if snapshot.turns(asked.action):
        snapshot = _making_room(snapshot, holding, asked)
        in_use -= abs(holding.cost)
    return Question(asked, snapshot, standing.limits, in_use, wanted, is_typed, holding.leaving)


def _making_room(snapshot: Snapshot, holding: Holding, asked: Asked) -> Snapshot:
    """What is being left makes room for what takes its place. Dust counted as no position."""
    free, count, risk = snapshot.free_cash, snapshot.open_positions, snapshot.risk
    less = 0 if holding.is_dust else 1
    if risk is not NOTHING_PROVIDED:
        risk = risk.after_exit(abs(holding.quantity) * asked.price, positions=less)
    return replace(
        snapshot,
        open_positions=None if count is None else count - less,
        free_cash=None if free is None else free + _freed(holding, asked),
        risk=risk,
    )


def _freed(holding: Holding, asked: Asked) -> Decimal:
    """What leaving brings at least, at the open at which both fill; a loss can make it negative."""
    is_long, worth = holding.quantity > 0, abs(holding.quantity) * asked.price
    share = share_to_leave(asked.rules, is_long=is_long)
    if is_long:
        return proceeds_down(worth * share)
    return locked(holding.cost, asked.rules.initial_margin) - cost_up(worth * share)


def share_to_leave(rules: InstrumentRules, *, is_long: bool) -> Decimal:
    """What of its worth leaving a long brings at least, or leaving a short takes at most."""
    if is_long:
        return (1 - ENTRY_BUFFER) * (1 - rules.taker_fee)
    return (1 + ENTRY_BUFFER) * (1 + rules.taker_fee)


def decide(question: Question) -> Answer:
    """Size it, ask every gate, conclude."""
    is_entry = question.asked.action.is_entry
    intent, sized_down_by = _entry(question) if is_entry else (_exit(question), "")
    verdicts = judge(intent, question.snapshot, question.limits)
    outcome, code = conclude(verdicts)
    return Answer(intent, outcome, code, sized_down_by, verdicts)


def remember(standing: Standing, asked: Asked, answer: Answer) -> None:
    """What was just decided counts for the decisions that follow. The answer's cost is to be taken
    from the account's free cash by who keeps it."""
    holding = standing.holdings.setdefault(asked.instrument, Holding())
    is_ordered = answer.outcome is Outcome.ORDERED
    if not asked.action.is_entry:
        # What still enters in the direction that is left is stopped with it.
        if holding.entering is entry_side(asked.action.direction):
            holding.entering = None
        if is_ordered:
            holding.leaving += answer.intent.quantity
    elif is_ordered:
        holding.entering = asked.action.side
        standing.in_use += max(answer.intent.cost, answer.intent.notional)


def withdrawn(question: Question, answer: Answer) -> Side | None:
    """The side of the entry that an exit meets where there is no position to close yet: it is not
    entered at all."""
    if question.asked.action.is_entry or answer.outcome is Outcome.ORDERED:
        return None
    if not question.snapshot.is_entering:
        return None
    return entry_side(question.asked.action.direction)


def _exit(question: Question) -> Intent:
    """All that is held, whatever becomes of a part that is on its way; or as much as somebody
    named, rounded down to the step, of what is not leaving yet."""
    asked, wanted = question.asked, question.wanted
    leaves = abs(question.snapshot.position_quantity or ZERO)
    if wanted is not None:
        leaves = max(leaves - question.leaving, ZERO)
        leaves = leaves if wanted >= leaves else asked.rules.quantity_down(wanted)
    return Intent(asked.action, leaves, asked.price, ZERO, is_typed=question.is_typed)


def _entry(question: Question) -> tuple[Intent, str]:
    asked = question.asked
    rules, plan, direction = asked.rules, asked.entry_plan, asked.action.direction
    price, buffer = plan.worst_price(asked.price), entry_buffer(plan, asked.action.side)
    wanted = _wanted(question, price)
    caps = _caps(question, wanted, price, buffer)
    if question.wanted is None and question.limits.sizing is SizingPolicy.FRACTION:
        wanted = raised(wanted, price, caps, question.snapshot, question.limits)
    size = clip(wanted, caps, rules)
    over = None
    if question.is_typed and size.sized_down_by is not None:
        over = min(caps, key=lambda cap: cap.quantity)
        size = clip(wanted, (), rules)
    cost = to_reserve(size.quantity, price, rules, direction, buffer=buffer)
    intent = Intent(
        asked.action, size.quantity, price, cost, buffer, plan.time_in_force, asked.size_fraction,
        question.is_typed, over, plan.limit_price is not None or plan.trigger_price is not None,
    )  # fmt: skip
    return intent, size.named


def _caps(question: Question, wanted: Decimal, price: Decimal, buffer: Decimal) -> list[Cap]:
    asked, limits, snapshot = question.asked, question.limits, question.snapshot
    most = limits.capital * limits.leverage
    caps = [
        Cap(CapCode.CAPITAL_TIMES_LEVERAGE, most / price),
        Cap(CapCode.CAPITAL_IN_USE, (most - question.capital_in_use) / price),
    ]
    if snapshot.free_cash is not None:
        unit = cost_per_unit(price, asked.rules, asked.action.direction, buffer=buffer)
        caps.append(Cap(CapCode.FREE_CASH, snapshot.free_cash / unit))
    if not is_basic(snapshot, limits):
        caps.extend(caps_of(price, question.capital_in_use, snapshot, limits))
        # Half of what somebody typed would be denied again; they may have half of what is allowed.
        whole = [*(cap.quantity for cap in caps), *(() if question.is_typed else (wanted,))]
        caps.extend(halved(whole, snapshot, limits))
    return caps


def _wanted(question: Question, price: Decimal) -> Decimal:
    """What somebody named, or what the version's policy proposes; nothing where that needs a
    fraction and there is none."""
    asked, limits = question.asked, question.limits
    if question.wanted is not None:
        return question.wanted
    if limits.sizing is SizingPolicy.RISK:
        return risk_quantity(limits.capital, limits.risk_per_trade, price, asked.stop_price)
    if asked.size_fraction is None:
        return ZERO
    return fraction_quantity(limits.capital, asked.size_fraction, price)
