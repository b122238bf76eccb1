"""A strategy's size is cut down to the tightest cap, which is named; a typed one is denied."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.models import Decision
from tests.trading.asking import TEN_THOUSAND, account, answer
from tests.trading.full_facts import ACCOUNT, FACTS, INSTRUMENT
from trading.gates.bounds import NO_BOUNDS, Source, bounds_of
from trading.gates.codes import GateCode
from trading.gates.risk_facts import NOTHING_PROVIDED, RiskFacts
from trading.gates.sources import hard_controls
from trading.gates.values import Outcome, Status
from trading.money import ZERO
from trading.sizing import CapCode
from trading.standing import Holding
from trading.strategies.apex import sizes

C = GateCode


def test_a_size_within_every_cap_stands() -> None:
    found = answer("0.05")

    assert (found.outcome, found.intent.quantity, found.sized_down_by) == (
        Outcome.ORDERED,
        Decimal(50),
        "",
    )


@pytest.mark.parametrize(
    ("fraction", "risk", "quantity", "named"),
    [
        ("0.5", FACTS, "70", "SHARE:tier"),
        ("0.05", account(available=Decimal("30.5")), "30.5", "AVAILABLE"),
        ("0.05", account(exposure=Decimal(760)), "40", "EXPOSURE:platform"),
        ("0.05", account(week_pnl=Decimal(-80)), "25", "WEEKLY_LOSS:platform"),
        ("0.5", account(week_pnl=Decimal(-80)), "35", "WEEKLY_LOSS:platform"),
        (
            "0.5", account(week_pnl=Decimal(-80), available=Decimal("50.5")), "25.25",
            "WEEKLY_LOSS:platform",
        ),
        (
            "0.05", replace(FACTS, instrument=replace(INSTRUMENT, class_exposure=Decimal(360))),
            "40", "CLASS_BUDGET",
        ),
        (
            "0.05",
            replace(FACTS, instrument=replace(INSTRUMENT, correlated_exposure=Decimal(205))),
            "45", "CORRELATED:platform",
        ),
    ],
)  # fmt: skip
def test_a_strategy_is_cut_down_to_the_tightest_cap(
    fraction: str, risk: RiskFacts, quantity: str, named: str
) -> None:
    found = answer(fraction, risk=risk)

    assert (found.outcome, found.code) == (Outcome.ORDERED, "")
    assert (found.intent.quantity, found.sized_down_by) == (Decimal(quantity), named)


def test_a_name_fits_its_column() -> None:
    most = Decision._meta.get_field("sized_down_by").max_length
    sourced = set(CapCode) - {
        CapCode.CAPITAL_TIMES_LEVERAGE, CapCode.CAPITAL_IN_USE, CapCode.FREE_CASH,
    }  # fmt: skip

    assert most is not None
    assert max(len(f"{cap}:{source}") for cap in sourced for source in Source) <= most


def test_a_typed_size_at_the_cap_is_ordered_and_one_above_is_denied_as_it_was_typed() -> None:
    at, above = (answer("0", wanted=Decimal(size), is_typed=True) for size in ("70", "70.01"))

    assert (at.outcome, at.intent.quantity) == (Outcome.ORDERED, Decimal(70))
    assert (above.outcome, above.code) == (Outcome.DENIED, C.POSITION_SHARE_TOO_LARGE)
    assert above.intent.quantity == Decimal("70.01")
    typed = next(item for item in above.verdicts if item.gate == 18)
    assert (typed.code, typed.observed, typed.limit, typed.source) == (
        C.SIZE_ABOVE_CAP, "70.01", "70", "SHARE:tier",
    )  # fmt: skip


def test_a_typed_size_is_held_against_the_capital_where_nobody_sets_bounds() -> None:
    found = answer(
        "0", wanted=Decimal(1_001), is_typed=True, bounds=NO_BOUNDS, risk=NOTHING_PROVIDED
    )

    assert (found.outcome, found.code) == (Outcome.DENIED, C.SIZE_ABOVE_CAP)
    typed = next(item for item in found.verdicts if item.gate == 18)
    assert (typed.limit, typed.source) == ("1000", "CAPITAL_TIMES_LEVERAGE")


def test_a_setting_that_names_a_size_is_cut_down_as_ever() -> None:
    found = answer("0", wanted=Decimal(1_001), bounds=NO_BOUNDS, risk=NOTHING_PROVIDED)

    assert (found.outcome, found.intent.quantity) == (Outcome.ORDERED, Decimal(1_000))
    assert found.sized_down_by == "CAPITAL_TIMES_LEVERAGE"


def test_a_fraction_below_the_least_share_is_raised_to_it() -> None:
    found = answer("0.01")

    assert (found.outcome, found.intent.quantity) == (Outcome.ORDERED, Decimal(20))


@pytest.mark.parametrize("free_cash", [None, Decimal("NaN"), Decimal("Infinity")])
def test_without_knowing_the_cash_nothing_is_ordered(free_cash: Decimal | None) -> None:
    unknown = [
        item for item in answer("0.01", free_cash=free_cash).verdicts if item.code == C.FACT_UNKNOWN
    ]

    assert [item.observed for item in unknown] == ["free_cash"]


def test_a_fraction_of_nothing_is_never_raised() -> None:
    assert answer("0").code == C.NOTIONAL_BELOW_MINIMUM
    assert answer("0").intent.quantity == 0


def test_where_a_cap_does_not_allow_the_least_share_it_is_not_ordered() -> None:
    found = answer("0.01", risk=account(exposure=Decimal("780.01")))

    assert (found.outcome, found.code) == (Outcome.DENIED, C.NOTIONAL_BELOW_MINIMUM)
    assert found.intent.quantity < 20


def test_what_no_size_can_satisfy_is_a_deadlock() -> None:
    small = Decimal(280)
    facts = account(equity=small, available=small, peak_equity=small)
    found = answer("0.05", risk=facts, capital=small)

    assert (found.outcome, found.code) == (Outcome.DENIED, C.TIER_DEADLOCK)
    lock = next(item for item in found.verdicts if item.code == C.TIER_DEADLOCK)
    assert (lock.observed, lock.limit) == ("280", "285.72 to 3750")


@pytest.mark.parametrize(
    ("exposed", "quantity"),
    [("0", "500"), ("7500", "500"), ("7800", "200"), ("7900", "0"), ("8000", "0"), ("8100", "0")],
)
def test_apex_v72_puts_in_no_more_than_its_exposure_leaves(exposed: str, quantity: str) -> None:
    """A capital of 10,000, a score of 5: 200 are left at 7,800, and nothing at 8,000."""
    bounds = bounds_of(
        Source.STRATEGY, strategy_share=sizes.MOST_EXPOSED, least_share=sizes.SMALLEST
    )
    owns = replace(ACCOUNT, equity=TEN_THOUSAND, available=TEN_THOUSAND)
    facts = RiskFacts(account=owns)
    wanted = str(sizes.by_score(5))
    found = answer(wanted, bounds=bounds, risk=facts, capital=TEN_THOUSAND, in_use=exposed)

    is_ordered = found.outcome is Outcome.ORDERED
    assert (found.intent.quantity if is_ordered else ZERO) == Decimal(quantity)
    assert found.code == ("" if is_ordered else C.NOTIONAL_BELOW_MINIMUM)
    by_share = sizes.by_score(5, exposure=Decimal(exposed) / TEN_THOUSAND)
    assert by_share * TEN_THOUSAND == Decimal(quantity)


@given(
    fraction=st.decimals("0.001", 1, places=3),
    equity=st.integers(1, 300_000),
    exposure=st.integers(0, 1_000),
)
def test_what_is_ordered_is_within_every_bound(
    fraction: Decimal, equity: int, exposure: int
) -> None:
    facts = account(
        equity=Decimal(equity), available=Decimal(equity), exposure=Decimal(exposure),
        peak_equity=Decimal(equity),
    )  # fmt: skip
    found = answer(str(fraction), bounds=hard_controls(), risk=facts, capital=Decimal(equity))

    if found.outcome is Outcome.ORDERED:
        assert equity * Decimal("0.02") <= found.intent.notional <= equity * Decimal("0.10")
        assert found.intent.notional <= TEN_THOUSAND
    assert all(item.status != Status.REFUSED for item in found.verdicts) is (
        found.outcome is Outcome.ORDERED
    )


def test_a_position_that_is_turned_makes_room_for_what_takes_its_place() -> None:
    """A short of 70 is being left; with it the account has all it may have in positions."""
    held = replace(
        FACTS,
        account=replace(ACCOUNT, exposure=Decimal(800), available=Decimal(0), open_positions=3),
        instrument=replace(INSTRUMENT, class_exposure=Decimal(400)),
    )

    still_held = answer("0.05", risk=held)
    turned = answer(
        "0.05", risk=held, holding=Holding(Decimal(-70), Decimal(-70), leaving=Decimal(70))
    )

    assert still_held.outcome is Outcome.DENIED
    assert (turned.outcome, turned.intent.quantity) == (Outcome.ORDERED, Decimal(50))
