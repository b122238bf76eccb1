"""Money is neither made nor lost: not by a fill, not by any number of them."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import MINUTE, MONDAY
from trading.ledger import (
    Account,
    Applied,
    FillCrossesZero,
    PositionState,
    Posting,
    apply_fill,
    break_even_price,
    deposit,
    total,
)
from trading.money import ZERO
from trading.signals import Side

FLAT = PositionState()


def decimals(least: int, most: int) -> st.SearchStrategy[Decimal]:
    """Decimals of eight places, from and to so many units of the last place."""
    return st.integers(least, most).map(lambda units: Decimal(units).scaleb(-8))


QUANTITIES = decimals(1, 10**12)
PRICES = decimals(1, 10**13)
COMMISSIONS = decimals(-(10**7), 10**9)  # a rebate is a negative commission
SIDES = st.sampled_from(Side)


@dataclass(frozen=True, slots=True)
class Execution:
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal

    @property
    def signed(self) -> Decimal:
        return self.quantity if self.side is Side.BUY else -self.quantity

    def on(self, position: PositionState, minute: int = 0) -> Applied:
        return apply_fill(
            position,
            self.side,
            self.quantity,
            self.price,
            self.commission,
            MONDAY + minute * MINUTE,
        )


EXECUTIONS = st.builds(Execution, SIDES, QUANTITIES, PRICES, COMMISSIONS)


@st.composite
def histories(draw: st.DrawFn) -> list[Execution]:
    """Buys and sells that never cross zero: adding, closing in part, closing to flat, and again."""
    held, history = ZERO, []
    for execution in draw(st.lists(EXECUTIONS, min_size=1, max_size=8)):
        fitting = execution
        if held * execution.signed < 0:
            closes_all = draw(st.booleans())
            quantity = abs(held) if closes_all else min(execution.quantity, abs(held))
            fitting = replace(execution, quantity=quantity)
        history.append(fitting)
        held += fitting.signed
    return history


@st.composite
def round_trips(draw: st.DrawFn) -> list[Execution]:
    """A history of one direction, closed to flat by its last execution."""
    side = draw(SIDES)
    closing = Side.SELL if side is Side.BUY else Side.BUY
    history = [
        replace(item, side=side) for item in draw(st.lists(EXECUTIONS, min_size=1, max_size=4))
    ]
    held = sum((item.quantity for item in history), ZERO)
    for item in draw(st.lists(EXECUTIONS, max_size=3)):
        if item.quantity < held:
            history.append(replace(item, side=closing))
            held -= item.quantity
    return [*history, replace(draw(EXECUTIONS), side=closing, quantity=held)]


def played(history: list[Execution]) -> list[Applied]:
    position, steps = FLAT, []
    for minute, execution in enumerate(history):
        steps.append(execution.on(position, minute))
        position = steps[-1].position
    return steps


def balance(postings: list[Posting], account: Account) -> Decimal:
    return total(posting for posting in postings if posting.account is account)


@given(history=histories())
def test_the_postings_of_every_fill_sum_to_zero(history: list[Execution]) -> None:
    assert all(total(step.postings) == 0 for step in played(history))


@given(history=histories(), paid_in=decimals(0, 10**14))
def test_the_whole_journal_sums_to_zero_and_says_what_became_of_the_deposits(
    history: list[Execution], paid_in: Decimal
) -> None:
    steps = played(history)
    journal = [*deposit(paid_in), *(line for step in steps for line in step.postings)]

    assert total(journal) == 0
    assert balance(journal, Account.DEPOSITS) == -paid_in
    assert balance(journal, Account.CASH) == paid_in + sum(step.cash for step in steps)
    assert balance(journal, Account.HOLDINGS) == steps[-1].position.cost
    assert balance(journal, Account.FEES) == sum(item.commission for item in history)
    assert balance(journal, Account.REALISED) == -sum(step.realised for step in steps)


@given(history=histories())
def test_the_position_is_the_sum_of_its_fills(history: list[Execution]) -> None:
    assert played(history)[-1].position.quantity == sum(item.signed for item in history)


@given(history=histories())
def test_cost_and_quantity_have_the_same_sign_and_end_together(history: list[Execution]) -> None:
    for step in played(history):
        assert step.position.cost * step.position.quantity >= 0
        assert step.position.quantity or step.position == FLAT


@given(history=histories())
def test_no_posting_is_empty(history: list[Execution]) -> None:
    assert all(line.amount for step in played(history) for line in step.postings)


@given(history=round_trips())
def test_closing_to_flat_releases_the_whole_cost(history: list[Execution]) -> None:
    steps = played(history)
    lines = [line for step in steps for line in step.postings]

    assert steps[-1].position == FLAT
    assert balance(lines, Account.HOLDINGS) == 0


@given(history=round_trips())
def test_the_profit_of_a_round_trip_is_exactly_the_change_of_cash(
    history: list[Execution],
) -> None:
    steps = played(history)
    trade = steps[-1].closed

    assert trade is not None
    assert trade.pnl == sum(step.cash for step in steps)
    assert trade.pnl == sum(step.realised for step in steps) - trade.fees
    assert trade.fees == sum(item.commission for item in history)


@given(history=histories())
def test_a_trade_is_told_when_the_position_is_flat_and_only_then(
    history: list[Execution],
) -> None:
    for step in played(history):
        assert (step.closed is not None) is (step.position.quantity == 0)


@given(execution=EXECUTIONS)
def test_a_buy_never_pays_less_and_a_sale_never_gets_more_than_its_price(
    execution: Execution,
) -> None:
    paid = -execution.on(FLAT).cash - execution.commission

    assert paid >= execution.signed * execution.price


@given(execution=EXECUTIONS, excess=QUANTITIES)
def test_a_fill_that_would_turn_the_position_over_is_refused(
    execution: Execution, excess: Decimal
) -> None:
    opposite = Side.SELL if execution.side is Side.BUY else Side.BUY
    held = execution.on(FLAT).position
    too_large = replace(execution, side=opposite, quantity=execution.quantity + excess)

    with pytest.raises(FillCrossesZero):
        too_large.on(held)


@given(amount=decimals(-(10**17), 10**17))
def test_a_deposit_or_withdrawal_balances(amount: Decimal) -> None:
    lines = list(deposit(amount))

    assert total(lines) == 0
    assert balance(lines, Account.CASH) == amount


@given(
    side=SIDES, bought=st.integers(1, 10**6), price=st.integers(10, 10**6), sold=st.integers(0, 99)
)
def test_leaving_at_the_break_even_price_ends_the_round_trip_at_zero(
    side: Side, bought: int, price: int, sold: int
) -> None:
    """To a rounding: of each fill to the last place, and of the price."""
    fee, back = Decimal("0.001"), Side.SELL if side is Side.BUY else Side.BUY
    opened = Execution(side, Decimal(bought), Decimal(price), Decimal(bought * price) * fee).on(
        FLAT
    )
    part = Decimal(bought * sold) / 100
    held = opened.position
    if part:
        held = Execution(back, part, Decimal(price + 1), part * (price + 1) * fee).on(held).position
    left = abs(held.quantity)
    leave = break_even_price(held, fee)

    closed = Execution(back, left, leave, left * leave * fee).on(held).closed

    assert closed is not None
    assert abs(closed.pnl) < Decimal("0.0000001")
