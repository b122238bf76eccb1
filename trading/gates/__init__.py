"""The catalogue: every question is asked, so a receipt holds every reason, and the first refusal in
this order is the decision's code. Exits use the same door with a shorter list.

Who sets no bounds and provides none of the risk facts is asked the `ENTRY_GATES` only; everybody
else the whole `CATALOGUE`, where a gate without a bound or fact answers that it does not apply.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trading.gates import (
    account_loss,
    api_errors,
    capital,
    capital_guard,
    class_budget,
    cool_down,
    correlated,
    daily_loss,
    deciding,
    drawdown,
    duplicate,
    execution_gate,
    execution_mode,
    exit_position,
    exposure,
    instrument,
    losing_streak,
    loss_in_money,
    market_hours,
    max_positions,
    message_rate,
    minimum,
    opposite,
    plan,
    price_collar,
    price_drift,
    regime_block,
    same_order,
    share,
    spread,
    stale_market,
    stale_signal,
    subscription,
    trades_today,
    trading_state,
    trading_window,
    typed_size,
    volatility,
    warmup,
    weekly_loss,
)
from trading.gates.bounds import NO_BOUNDS
from trading.gates.codes import SKIPS, GateCode
from trading.gates.risk_facts import NOTHING_PROVIDED
from trading.gates.values import Intent, Limits, Outcome, Snapshot, Status, Verdict

Question = Callable[[Intent, Snapshot, Limits], Verdict]


class Gate(NamedTuple):
    """`number` is stored in receipts and is never given to another gate."""

    number: int
    title: str
    question: Question


# What there is nothing to do about comes first, then whether anybody may trade here and now, then
# how much. Of the tiered engine: capital, drawdown, volatility, execution.
CATALOGUE: tuple[Gate, ...] = (
    Gate(trading_state.NUMBER, "Trading state", trading_state.trading_is_active),
    Gate(subscription.NUMBER, "Subscription", subscription.subscription_is_active),
    Gate(duplicate.NUMBER, "Duplicate", duplicate.signal_is_new),
    Gate(instrument.NUMBER, "Instrument", instrument.instrument_is_allowed),
    Gate(market_hours.NUMBER, "Market hours", market_hours.market_is_open),
    Gate(warmup.NUMBER, "Warm-up", warmup.warmup_is_complete),
    Gate(plan.NUMBER, "Plan", plan.plan_allows_it),
    Gate(trading_window.NUMBER, "Trading window", trading_window.trading_window_is_open),
    Gate(cool_down.NUMBER, "Cool-down", cool_down.cool_down_is_over),
    Gate(regime_block.NUMBER, "Regime", regime_block.regime_allows_it),
    Gate(opposite.NUMBER, "Opposite position", opposite.nobody_holds_the_opposite),
    Gate(stale_signal.NUMBER, "Age of the signal", stale_signal.signal_is_fresh),
    Gate(stale_market.NUMBER, "Age of the price", stale_market.market_data_is_fresh),
    Gate(price_drift.NUMBER, "Price drift", price_drift.price_has_not_run_away),
    Gate(price_collar.NUMBER, "Price collar", price_collar.price_is_near_the_market),
    Gate(spread.NUMBER, "Spread", spread.spread_is_narrow),
    Gate(capital.NUMBER, "Capital", capital.capital_is_available),
    Gate(max_positions.NUMBER, "Open positions", max_positions.position_is_within_maximum),
    Gate(daily_loss.NUMBER, "Daily loss", daily_loss.daily_loss_is_within_limit),
    Gate(capital_guard.NUMBER, "Capital Guard", capital_guard.position_fits_the_account),
    Gate(drawdown.NUMBER, "Drawdown Guard", drawdown.drawdown_is_within_limit),
    Gate(
        account_loss.NUMBER, "Drawdown Guard: loss today", account_loss.loss_today_is_within_limit
    ),
    Gate(volatility.NUMBER, "Volatility Guard", volatility.volatility_is_bearable),
    Gate(execution_gate.NUMBER, "Execution Gate", execution_gate.capital_is_left_for_it),
    Gate(share.NUMBER, "Share of the account", share.share_is_large_enough),
    Gate(trades_today.NUMBER, "Trades today", trades_today.trades_are_left_today),
    Gate(loss_in_money.NUMBER, "Losing trades today", loss_in_money.losing_trades_are_within_limit),
    Gate(weekly_loss.NUMBER, "Loss this week", weekly_loss.loss_this_week_is_within_limit),
    Gate(losing_streak.NUMBER, "Losses in a row", losing_streak.losing_streak_is_short),
    Gate(api_errors.NUMBER, "Errors of the venue", api_errors.venue_answers),
    Gate(typed_size.NUMBER, "Size as asked for", typed_size.typed_size_is_within_every_cap),
    Gate(minimum.NUMBER, "Minimum size", minimum.order_is_large_enough),
    Gate(same_order.NUMBER, "Repeated order", same_order.order_is_not_a_repetition),
    Gate(message_rate.NUMBER, "Message rate", message_rate.messages_are_left),
    Gate(correlated.NUMBER, "Correlated exposure", correlated.correlated_exposure_is_within_limit),
    Gate(exposure.NUMBER, "Total exposure", exposure.exposure_is_within_limit),
    Gate(class_budget.NUMBER, "Asset-class budget", class_budget.allocation_leaves_room),
)
# What needs no more than a subscription and its market.
_PLAIN = frozenset(range(1, 11))
ENTRY_GATES = tuple(gate for gate in CATALOGUE if gate.number in _PLAIN)
EXIT_GATES: tuple[Gate, ...] = (
    Gate(exit_position.NUMBER, "Position to close", exit_position.there_is_a_position_to_close),
)
TITLES = {gate.number: gate.title for gate in CATALOGUE + EXIT_GATES}
TITLES[execution_mode.NUMBER] = execution_mode.TITLE
TITLES[deciding.NUMBER] = deciding.TITLE

_QUESTIONS = tuple(gate.question for gate in CATALOGUE)
_ENTRY_QUESTIONS = tuple(gate.question for gate in ENTRY_GATES)
_EXIT_QUESTIONS = tuple(gate.question for gate in EXIT_GATES)


def judge(intent: Intent, snapshot: Snapshot, limits: Limits) -> tuple[Verdict, ...]:
    """Every gate's verdict, in catalogue order; exits are asked the exit list only."""
    if not intent.action.is_entry:
        questions = _EXIT_QUESTIONS
    elif is_basic(snapshot, limits) and not intent.is_typed:
        questions = _ENTRY_QUESTIONS
    else:
        questions = _QUESTIONS
    return tuple([question(intent, snapshot, limits) for question in questions])


def is_basic(snapshot: Snapshot, limits: Limits) -> bool:
    """Whether the caller brings nothing that the risk gates could ask about."""
    return limits.bounds is NO_BOUNDS and snapshot.risk is NOTHING_PROVIDED


def conclude(verdicts: Sequence[Verdict]) -> tuple[Outcome, str]:
    """The outcome and its code: that of the first refusal, or ORDERED and no code."""
    refused = Status.REFUSED
    for verdict in verdicts:
        if verdict.status == refused:
            is_skip = GateCode(verdict.code) in SKIPS
            return (Outcome.SKIPPED if is_skip else Outcome.DENIED), verdict.code
    return Outcome.ORDERED, ""
