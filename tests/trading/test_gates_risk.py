"""The risk gates at their boundaries, with the published numbers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from tests.trading.examples import INTENT, LIMITS, MONDAY
from tests.trading.full_facts import FULL, FULL_LIMITS, told
from trading.gates import judge
from trading.gates.bounds import Bounds, Source, bounds_of, strictest
from trading.gates.codes import GateCode
from trading.gates.risk_facts import NOT_PROVIDED, Mode
from trading.gates.severities import Severity
from trading.gates.sources import hard_controls, of_plan, of_tier
from trading.gates.triggers import TriggerCause, severity_of, triggers_of
from trading.gates.values import Intent, Snapshot, Status, TradingState, Verdict
from trading.plans import PlatformPlan
from trading.tiers import CapitalTier

C = GateCode
ALONE = replace(LIMITS, bounds=of_tier(CapitalTier.INVESTOR))
HARD = replace(LIMITS, bounds=hard_controls())


def worth(notional: str) -> Intent:
    """So much at a price of 1."""
    return replace(INTENT, quantity=Decimal(notional), entry_price=Decimal(1))


def gate(
    number: int, snapshot: Snapshot = FULL, limits: Any = ALONE, intent: Any = None
) -> Verdict:
    verdicts = judge(worth("50") if intent is None else intent, snapshot, limits)
    return next(item for item in verdicts if item.gate == number)


# The four guards of the tiered engine with an INVESTOR of 1,000 who would buy for 50 with one
# position open at a volatility of 45: what is changed, and what follows.
TIERED: list[tuple[str, dict[str, Any], str, Severity, set[TriggerCause]]] = [
    ("50", {}, "", Severity.SAFE, set()),
    ("71", {}, C.POSITION_SHARE_TOO_LARGE, Severity.DANGER, set()),
    ("70", {}, "", Severity.SAFE, set()),
    ("70.01", {}, C.POSITION_SHARE_TOO_LARGE, Severity.DANGER, set()),
    ("76", {}, C.NOTIONAL_EXCEEDS_MAX_PER_ORDER, Severity.DANGER, set()),
    ("19.99", {}, C.NOTIONAL_BELOW_MINIMUM, Severity.DANGER, set()),
    ("20", {}, "", Severity.SAFE, set()),
    ("50", {"open_positions": 2}, "", Severity.SAFE, set()),
    ("50", {"open_positions": 3}, C.ACCOUNT_MAX_POSITIONS, Severity.DANGER, set()),
    ("50", {"volatility": Decimal(80)}, "", Severity.SAFE, set()),
    ("50", {"volatility": Decimal("80.01")}, C.VOLATILITY_TOO_HIGH, Severity.WARNING, set()),
    ("50", {"volatility": Decimal(95)}, C.VOLATILITY_TOO_HIGH, Severity.WARNING, set()),
    (
        "50", {"volatility": Decimal(96)}, C.BLACK_SWAN, Severity.CRITICAL,
        {TriggerCause.BLACK_SWAN},
    ),
    ("50", {"day_pnl": Decimal("-99.99")}, "", Severity.SAFE, set()),
    (
        "50", {"day_pnl": Decimal(-100)}, C.ACCOUNT_DAILY_LOSS, Severity.DANGER,
        {TriggerCause.DAILY_LOSS},
    ),
    ("50", {"day_pnl": Decimal(100)}, "", Severity.SAFE, set()),
    ("50", {"peak_equity": Decimal("1249.99")}, "", Severity.SAFE, set()),
    (
        "50", {"peak_equity": Decimal(1_250)}, C.DRAWDOWN_LIMIT, Severity.DANGER,
        {TriggerCause.MAX_DRAWDOWN},
    ),
    ("50", {"peak_equity": Decimal(900)}, "", Severity.SAFE, set()),
]  # fmt: skip


@pytest.mark.parametrize(("notional", "changed", "code", "severity", "causes"), TIERED)
def test_the_tiered_engine(
    notional: str, changed: dict[str, Any], code: str, severity: Severity, causes: set[TriggerCause]
) -> None:
    every = judge(worth(notional), told(**changed), ALONE)
    verdicts = [item for item in every if 11 <= item.gate <= 15]

    assert [item.code for item in verdicts if item.code] == ([code] if code else [])
    assert severity_of(verdicts) is severity
    assert {item.cause for item in triggers_of(verdicts)} == causes


def test_an_account_of_800_that_was_worth_1000_has_fallen_too_far() -> None:
    fallen = told(equity=Decimal(800), peak_equity=Decimal(1_000))

    assert gate(12, fallen).code == C.DRAWDOWN_LIMIT
    assert gate(12, told(equity=Decimal("800.01"))).code == ""


@pytest.mark.parametrize(
    ("account", "user", "code"),
    [
        (2, 4, ""),
        (2, 5, C.USER_MAX_POSITIONS),
        (3, 4, C.ACCOUNT_MAX_POSITIONS),
        (3, NOT_PROVIDED, C.ACCOUNT_MAX_POSITIONS),
        (NOT_PROVIDED, 5, C.USER_MAX_POSITIONS),
    ],
)
def test_a_plan_counts_the_positions_of_a_user_and_a_tier_those_of_an_account(
    account: Any, user: Any, code: str
) -> None:
    bounds = strictest(of_tier(CapitalTier.INVESTOR), of_plan(PlatformPlan.BASIC, is_live=False))
    facts = told(open_positions=account, users_positions=user)

    assert gate(11, facts, replace(LIMITS, bounds=bounds)).code == code


def test_once_the_switch_has_tripped_the_next_order_is_critical() -> None:
    halted = replace(told(day_pnl=Decimal(-100)), trading_state=TradingState.HALTED)
    verdicts = judge(worth("50"), halted, ALONE)

    assert next(item.code for item in verdicts if item.code) == C.TRADING_HALTED
    assert severity_of(verdicts) is Severity.CRITICAL


def test_a_loss_is_measured_against_the_start_of_the_day() -> None:
    """Not against what the loss has left: 90 of 900 would be a tenth, 90 of 990 is not."""
    lost = told(equity=Decimal(900), start_of_day_equity=Decimal(990), day_pnl=Decimal(-90))

    assert gate(13, lost).code == ""


@pytest.mark.parametrize("tier", CapitalTier)
def test_a_black_swan_is_above_the_threshold_of_every_tier(tier: CapitalTier) -> None:
    limits = replace(LIMITS, bounds=of_tier(tier))

    assert gate(14, told(volatility=Decimal("95.01")), limits).code == C.BLACK_SWAN
    assert gate(14, told(volatility=Decimal(95)), limits).code != C.BLACK_SWAN


@pytest.mark.parametrize(
    ("notional", "equity", "code"),
    [
        ("50", "1000", ""),
        ("20", "1000", ""),
        ("19.99", "1000", C.NOTIONAL_BELOW_MINIMUM),
        ("100", "1000", ""),
        ("100.01", "1000", C.POSITION_SHARE_TOO_LARGE),
        ("15000", "200000", C.NOTIONAL_EXCEEDS_MAX_PER_ORDER),
        ("10000", "200000", ""),
        ("10000.01", "200000", C.NOTIONAL_EXCEEDS_MAX_PER_ORDER),
    ],
)
def test_the_hard_controls_of_one_order(notional: str, equity: str, code: str) -> None:
    account = told(equity=Decimal(equity), available=Decimal(equity))
    found = [gate(number, account, HARD, worth(notional)) for number in (11, 16)]

    assert [item.code for item in found if item.code] == ([code] if code else [])
    assert {item.source for item in found if item.code} == ({"hard"} if code else set())


@pytest.mark.parametrize("equity", ["0", "-1"])
@pytest.mark.parametrize(
    ("number", "name"),
    [
        (11, "equity"), (12, "equity"), (12, "peak_equity"), (13, "start_of_day_equity"),
        (16, "equity"), (20, "start_of_week_equity"), (31, "equity"), (32, "equity"),
    ],
)  # fmt: skip
def test_without_capital_nothing_is_opened(number: int, name: str, equity: str) -> None:
    found = gate(number, told(**{name: Decimal(equity)}), FULL_LIMITS)

    assert (found.code, found.observed) == (C.NO_CAPITAL, equity)


# With the operator's defaults, a plan and a user's limits: the gate, the facts, its code or none.
AT_THEIR_BOUNDARIES: list[tuple[int, dict[str, Any], str]] = [
    (15, {"available": Decimal(50)}, ""),
    (15, {"available": Decimal("49.99")}, C.EXCEEDS_AVAILABLE_CAPITAL),
    (15, {"available": Decimal(-1)}, C.EXCEEDS_AVAILABLE_CAPITAL),
    (17, {"trades_today": 99}, ""),
    (17, {"trades_today": 100}, C.DAILY_TRADES),
    (19, {"lost_today": Decimal("49.99")}, ""),
    (19, {"lost_today": Decimal(50)}, C.DAILY_LOSS_MONEY),
    (20, {"week_pnl": Decimal("-99.99")}, ""),
    (20, {"week_pnl": Decimal(-100)}, C.WEEKLY_LOSS),
    (21, {"consecutive_losses": 4}, ""),
    (21, {"consecutive_losses": 5}, C.CONSECUTIVE_LOSSES),
    (22, {"api_errors": 4}, ""),
    (22, {"api_errors": 5}, C.API_ERRORS),
    (23, {"mode": Mode.PAPER, "plan_allows_live": False}, ""),
    (23, {"mode": Mode.LIVE, "plan_allows_live": False}, C.PLAN_FORBIDS_LIVE),
    (23, {"mode": Mode.PAPER, "is_payment_overdue": True}, C.PAYMENT_OVERDUE),
    (24, {"same_orders": 1}, C.DUPLICATE_ORDER),
    (25, {"reference_price": Decimal("98.04")}, ""),
    (25, {"reference_price": Decimal("98.03")}, C.PRICE_COLLAR),
    (25, {"reference_price": Decimal(0)}, C.FACT_UNKNOWN),
    (26, {"signal_age": Decimal(60)}, ""),
    (26, {"signal_age": Decimal("60.01")}, C.STALE_SIGNAL),
    (26, {"signal_age": Decimal(-1)}, C.FACT_UNKNOWN),
    (27, {"candle_age": Decimal(2)}, ""),
    (27, {"candle_age": Decimal("2.01")}, C.STALE_MARKET_DATA),
    (28, {"price_now": Decimal(102)}, ""),
    (28, {"price_now": Decimal("102.01")}, C.PRICE_DRIFTED),
    (28, {"price_now": Decimal("97.99")}, C.PRICE_DRIFTED),
    (28, {"signal_price": Decimal(0)}, C.FACT_UNKNOWN),
    (29, {"bid": Decimal("99.95"), "ask": Decimal("100.05")}, ""),
    (29, {"bid": Decimal("99.94"), "ask": Decimal("100.05")}, C.SPREAD_TOO_WIDE),
    (29, {"bid": Decimal("100.05"), "ask": Decimal(100)}, C.FACT_UNKNOWN),
    (30, {"messages": 79}, ""),
    (30, {"messages": 80}, C.RATE_LIMIT_EXCEEDED),
    (31, {"correlated_exposure": Decimal(200)}, ""),
    (31, {"correlated_exposure": Decimal("200.01")}, C.CORRELATED_EXPOSURE),
    (32, {"exposure": Decimal(750)}, ""),
    (32, {"exposure": Decimal("750.01")}, C.TOTAL_EXPOSURE),
    (33, {"is_regime_blocked": True}, C.REGIME_BLOCKED),
    (34, {"is_in_window": False}, C.OUTSIDE_TRADING_WINDOW),
    (35, {"cool_down_until": MONDAY + timedelta(hours=1)}, ""),
    (35, {"cool_down_until": MONDAY + timedelta(hours=1, seconds=1)}, C.COOLDOWN_ACTIVE),
    (36, {"class_exposure": Decimal(350)}, ""),
    (36, {"class_exposure": Decimal("350.01")}, C.ASSET_CLASS_BUDGET),
    (37, {"opposite": Decimal("0.001")}, C.OPPOSITE_ON_ACCOUNT),
]


@pytest.mark.parametrize(("number", "changed", "code"), AT_THEIR_BOUNDARIES)
def test_a_risk_gate_at_its_boundary(number: int, changed: dict[str, Any], code: str) -> None:
    """An order of 50 at 100."""
    found = gate(number, told(**changed), FULL_LIMITS, INTENT)

    assert found.code == code
    assert found.status == (Status.REFUSED if code else Status.PASSED)


def test_what_rests_at_its_own_price_may_lie_further_from_the_market() -> None:
    rests = replace(INTENT, rests=True)

    assert gate(25, told(reference_price=Decimal("95.24")), FULL_LIMITS, rests).code == ""
    off = told(reference_price=Decimal("95.23"))
    assert gate(25, off, FULL_LIMITS, rests).code == C.PRICE_COLLAR


def test_a_cool_down_says_when_it_is_over() -> None:
    found = gate(35, told(cool_down_until=MONDAY + timedelta(hours=2)), FULL_LIMITS)

    assert (found.observed, found.limit) == ("2026-06-01 01:00 UTC", "2026-06-01 02:00 UTC")


def test_a_receipt_names_the_source_that_bound() -> None:
    user = bounds_of(Source.USER, most_notional=60)
    limits = replace(LIMITS, bounds=strictest(hard_controls(), of_tier(CapitalTier.INVESTOR), user))
    found = gate(11, FULL, limits, worth("61"))

    assert (found.code, found.limit, found.source) == (
        C.NOTIONAL_EXCEEDS_MAX_PER_ORDER, "60", "user",
    )  # fmt: skip
    stored = orjson.loads(orjson.dumps(found.stored()))
    assert stored == [11, 0, "NOTIONAL_EXCEEDS_MAX_PER_ORDER", "61", "60", "user"]
    assert Verdict(*stored) == found


def test_a_verdict_without_a_source_is_stored_as_ever() -> None:
    stored = orjson.dumps(Verdict(1, Status.PASSED, "", "ACTIVE", "").stored())

    assert stored == b'[1,1,"","ACTIVE",""]'
    assert Verdict(*(1, 1, "", "ACTIVE", "")).source == ""


def test_nothing_is_bound_by_nobody() -> None:
    assert strictest() == strictest(Bounds(), Bounds()) == Bounds()
