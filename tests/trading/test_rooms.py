"""What room an account has, while several decisions are made one after the other."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tests.trading.examples import FREE_OF_FEES, LIMITS
from trading.decisions import Answer, Asked, decide, question_of
from trading.gates.bounds import Source, bounds_of
from trading.gates.codes import GateCode
from trading.gates.risk_facts import NOT_PROVIDED, AccountFacts, MarketFacts
from trading.gates.values import TradingState
from trading.instruments import AssetClass
from trading.money import ZERO
from trading.rooms import LONG_AGO, Room, Shared, Stake
from trading.signals import Action, EntryPlan
from trading.sizing import CapCode, SizingPolicy
from trading.standing import Standing

D = Decimal
NOBODY: frozenset[int] = frozenset()
NOW = MarketFacts(now=datetime(2026, 6, 2, tzinfo=UTC))


def asked(instrument: int = 1, action: Action = Action.ENTER_LONG) -> Asked:
    rules = replace(FREE_OF_FEES, is_shortable=True)
    return Asked(
        instrument, rules, action, Decimal(1), None, EntryPlan(), 51, True, None, Decimal("0.1")
    )


def room(equity: str = "10000") -> Room:
    return Room(
        AccountFacts(
            equity=Decimal(equity),
            exposure=ZERO,
            available=Decimal(equity),
            open_positions=0,
            users_positions=0,
        )
    )


def stake(worth: str | None, quantity: str = "5", of: AssetClass = AssetClass.CRYPTO) -> Stake:
    return Stake(of, None if worth is None else Decimal(worth), {9: Decimal(quantity)})


def decided(here: Room, subscription: int = 7, **bounds: Decimal) -> Answer:
    """Ten percent of 10,000 at a price of 1."""
    limits = replace(
        LIMITS, capital=Decimal(10_000), sizing=SizingPolicy.FRACTION,
        bounds=bounds_of(Source.PLATFORM, **bounds),
    )  # fmt: skip
    standing = Standing(
        is_running=True, currency="USD", limits=limits, day_pnl=ZERO, in_use=ZERO, holdings={}
    )
    question = question_of(
        asked(), standing, trading_state=TradingState.ACTIVE, is_symbol_allowed=True,
        free_cash=Decimal(10_000), risk=here.facts(asked(), subscription, NOW, NOBODY),
    )  # fmt: skip
    answer = decide(question)
    here.remember(asked(), subscription, answer)
    return answer


def test_two_subscriptions_cannot_both_spend_the_last_of_an_exposure() -> None:
    here = room()
    first = decided(here, exposure=Decimal("0.15"))
    second = decided(here, 8, exposure=Decimal("0.15"))
    third = decided(here, 9, exposure=Decimal("0.15"))
    assert (first.intent.quantity, second.intent.quantity) == (D(1_000), D(500))
    assert second.sized_down_by == f"{CapCode.EXPOSURE}:{Source.PLATFORM}"
    assert (third.outcome.value, third.intent.quantity) == ("denied", D(0))
    assert (here.ordered, here.exposure, here.open_positions) == (2, D(1_500), 2)


def test_what_was_refused_takes_no_room() -> None:
    here = room()
    assert decided(here, positions=Decimal(0)).code
    assert (here.ordered, here.exposure, here.open_positions) == (0, D(0), 0)


def test_an_exit_takes_no_room() -> None:
    here = room()
    answer = decided(here)
    here.remember(asked(action=Action.EXIT_LONG), 7, answer)
    assert here.ordered == 1


def test_everything_moves_together_but_what_is_known_to_be_apart() -> None:
    here = room()
    here.stakes = {1: stake("100"), 2: stake("30"), 3: stake("7")}
    facts = here.facts(asked(), 7, MarketFacts(), frozenset({2}))
    assert facts.instrument.correlated_exposure == 107


def test_a_class_is_what_is_held_of_it_and_its_budget_what_the_allocation_says() -> None:
    here = room()
    here.stakes = {1: stake("100"), 2: stake("30", of=AssetClass.EQUITY)}
    assert here.facts(asked(), 7, MarketFacts(), NOBODY).instrument.class_budget is NOT_PROVIDED
    here.budgets = {AssetClass.CRYPTO: Decimal(900)}
    facts = here.facts(asked(), 7, MarketFacts(), NOBODY).instrument
    assert (facts.class_exposure, facts.class_budget) == (D(100), D(900))


def test_what_has_no_price_makes_the_sums_unknown_and_not_less() -> None:
    here = room()
    here.stakes = {1: stake("100"), 2: stake(None)}
    facts = here.facts(asked(), 7, MarketFacts(), NOBODY).instrument
    assert here.exposure is facts.correlated_exposure is facts.class_exposure is None
    assert (
        here.facts(asked(), 7, MarketFacts(), frozenset({2})).instrument.correlated_exposure == 100
    )


def test_only_others_can_hold_the_opposite() -> None:
    here = room()
    here.stakes = {1: stake("100", "-5")}
    against = here.facts(asked(), 7, MarketFacts(), NOBODY).instrument.opposite
    own = here.facts(asked(), 9, MarketFacts(), NOBODY).instrument.opposite
    short = asked(action=Action.ENTER_SHORT)
    alike = here.facts(short, 7, MarketFacts(), NOBODY).instrument.opposite
    assert (against, own, alike) == (D(5), D(0), D(0))
    assert decided(here).code == GateCode.OPPOSITE_ON_ACCOUNT


def test_a_cool_down_is_of_one_instrument() -> None:
    here = room()
    until = datetime(2026, 6, 1, tzinfo=UTC)
    here.cool_downs = {2: until}
    assert here.facts(asked(2), 7, MarketFacts(), NOBODY).instrument.cool_down_until == until
    assert here.facts(asked(1), 7, MarketFacts(), NOBODY).instrument.cool_down_until == LONG_AGO


def turning() -> Stake:
    """What nine has: a long that is being left, and a short of as much on its way."""
    made = stake("100")
    made.enter(9, D(-5), D(100))
    return made


def test_a_position_that_turns_is_one_position_and_not_none() -> None:
    here = room()
    here.stakes = {1: turning()}
    assert (here.open_positions, here.exposure) == (1, D(200))


def test_a_position_that_turns_stands_against_both_sides() -> None:
    here = room()
    here.stakes = {1: turning()}
    short = asked(action=Action.ENTER_SHORT)
    for wanted in (asked(), short):
        assert here.facts(wanted, 7, MarketFacts(), NOBODY).instrument.opposite == 5
        assert here.facts(wanted, 9, MarketFacts(), NOBODY).instrument.opposite == 0
    assert decided(here).code == GateCode.OPPOSITE_ON_ACCOUNT


def test_turning_is_no_position_more_for_those_who_are_decided_after_it() -> None:
    here = room()
    here.stakes = {1: stake("100", "-5")}
    here.account = replace(here.account, open_positions=here.open_positions)
    counted = []
    for subscription in (9, 7):
        decided(here, subscription)
        here.stakes[1].held.clear()
        counted.append((here.account.open_positions, here.open_positions))
    assert counted == [(1, 1), (2, 2)]


def test_a_position_of_another_account_counts_among_those_of_the_person() -> None:
    both = Shared(1)
    here, there = room(), room()
    here.opened = there.opened = both
    assert decided(here, positions=D(3)).code == ""
    assert decided(there, positions=D(3)).code == ""
    assert decided(there, 8, positions=D(3)).code == GateCode.USER_MAX_POSITIONS
    assert decided(there, 8, account_positions=D(2)).code == ""
    assert (both.count, here.open_positions, there.open_positions) == (4, 1, 2)


def test_what_is_ordered_in_another_account_of_the_person_counts_among_the_messages() -> None:
    both = Shared(0)
    here, there = room(), room()
    for each in (here, there):
        each.traded = both
        each.account = replace(each.account, trades_today=0, messages=3)
    decided(there)
    facts = here.facts(asked(), 7, NOW, NOBODY).account
    assert (facts.trades_today, facts.messages) == (1, 4)
    assert decided(here, messages=D(4)).code == GateCode.RATE_LIMIT_EXCEEDED
