"""What a refusal trips beside itself, and when that clears."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.trading.examples import INTENT, LIMITS, SNAPSHOT
from trading.gates.bounds import Source, bounds_of
from trading.gates.codes import GateCode
from trading.gates.risk_facts import AccountFacts, MarketFacts, RiskFacts
from trading.gates.sentences import Sayings
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.trigger_settings import triggers_table
from trading.gates.triggers import (
    OF_EVIDENCE,
    OF_GATES,
    Clears,
    Rule,
    TriggerCause,
    TriggerScope,
    began,
    ends,
    trigger,
    triggers_of,
    triggers_of_account,
)
from trading.gates.values import Status, TradingState, Verdict
from trading.gates.volatility import volatility_is_bearable

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)  # of a Monday
WEDNESDAY = datetime(2026, 6, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize("code", list(GateCode))
def test_what_trips_a_switch_is_grave(code: GateCode) -> None:
    refused = Verdict(1, Status.REFUSED, code.value, "1", "2")

    for each in triggers_of([refused]):
        assert SEVERITIES[code] >= Severity.DANGER
        assert each.state >= TradingState.REDUCING
        assert (each.observed, each.limit) == ("1", "2")
    passed = Verdict(1, Status.PASSED, "", "1", "2")
    assert triggers_of([passed]) == ()


def test_losses_of_a_day_and_a_week_clear_with_the_calendar_and_a_black_swan_when_it_is_calm() -> (
    None
):
    clears = {
        each.cause: each.clears
        for code in GateCode
        for each in triggers_of([Verdict(1, Status.REFUSED, code.value, "", "")])
    }

    assert clears.pop(TriggerCause.DAILY_LOSS) is Clears.NEXT_DAY
    assert clears.pop(TriggerCause.WEEKLY_LOSS) is Clears.NEXT_WEEK
    assert clears.pop(TriggerCause.BLACK_SWAN) is Clears.WHEN_CALM
    assert set(clears.values()) == {Clears.BY_HAND}
    assert {rule.clears for rule in OF_EVIDENCE.values()} == {Clears.BY_HAND}


def test_every_cause_has_one_rule_and_one_way_to_be_found() -> None:
    of_gates = {rule.cause for rule in OF_GATES.values()}

    assert of_gates | set(OF_EVIDENCE) == set(TriggerCause)
    assert not of_gates & set(OF_EVIDENCE)


def test_an_account_trips_by_the_questions_that_its_entries_are_asked() -> None:
    bounds = bounds_of(
        Source.PLATFORM, daily_loss=Decimal("0.03"), weekly_loss=Decimal("0.1"),
        drawdown=Decimal("0.2"), consecutive_losses=5, api_errors=5, daily_loss_money=100,
    )  # fmt: skip
    account = AccountFacts(
        equity=Decimal(970), peak_equity=Decimal(1000), start_of_day_equity=Decimal(1000),
        start_of_week_equity=Decimal(1000), day_pnl=Decimal("-29.99"), week_pnl=Decimal("-99.99"),
        lost_today=Decimal(99), consecutive_losses=4, api_errors=4,
    )  # fmt: skip
    assert triggers_of_account(account, bounds) == ()

    account = replace(
        account, equity=Decimal(800), day_pnl=Decimal(-30), week_pnl=Decimal(-100),
        lost_today=Decimal(100), consecutive_losses=5, api_errors=5,
    )  # fmt: skip
    found = triggers_of_account(account, bounds)

    assert [(item.cause, item.scope) for item in found] == [
        (TriggerCause.MAX_DRAWDOWN, TriggerScope.ACCOUNT),
        (TriggerCause.DAILY_LOSS, TriggerScope.ACCOUNT),
        (TriggerCause.DAILY_LOSS, TriggerScope.ACCOUNT),
        (TriggerCause.WEEKLY_LOSS, TriggerScope.ACCOUNT),
        (TriggerCause.CONSECUTIVE_LOSSES, TriggerScope.ACCOUNT),
        (TriggerCause.API_ERRORS, TriggerScope.USER),
    ]
    assert found[1].reason == "The account has lost 3\u00a0% today; it stops at 3\u00a0%."
    assert triggers_of_account(replace(account, equity=None, day_pnl=None), bounds)[0].cause is (
        TriggerCause.DAILY_LOSS  # of the trades: what is not known trips nothing
    )


@pytest.mark.parametrize(
    ("clears", "now", "since", "until"),
    [
        (Clears.NEXT_DAY, WEDNESDAY, WEDNESDAY.replace(hour=0), WEDNESDAY.replace(day=4, hour=0)),
        (Clears.NEXT_DAY, MIDNIGHT, MIDNIGHT, MIDNIGHT + timedelta(days=1)),
        (Clears.NEXT_WEEK, WEDNESDAY, MIDNIGHT, MIDNIGHT + timedelta(days=7)),
        (Clears.NEXT_WEEK, MIDNIGHT, MIDNIGHT, MIDNIGHT + timedelta(days=7)),
        (Clears.WHEN_CALM, WEDNESDAY, None, None),
        (Clears.BY_HAND, WEDNESDAY, None, None),
    ],
)
def test_a_day_ends_at_midnight_and_a_week_on_monday(
    clears: Clears, now: datetime, since: datetime | None, until: datetime | None
) -> None:
    assert (began(clears, now), ends(clears, now)) == (since, until)


@pytest.mark.parametrize(
    ("named", "observed", "limit", "source"),
    [
        (90, "90.01", "90", Source.PLATFORM),
        (95, "95.01", "95", Source.HARD),
        (100, "95.01", "95", Source.HARD),
        (None, "95.01", "95", Source.HARD),
    ],
)
def test_the_operator_may_name_a_lower_percentile_for_a_black_swan(
    named: int | None, observed: str, limit: str, source: Source
) -> None:
    """And none that is higher."""
    bounds = bounds_of(Source.PLATFORM, black_swan=named)
    wild = RiskFacts(market=MarketFacts(volatility=Decimal(observed)))

    said = volatility_is_bearable(
        INTENT, replace(SNAPSHOT, risk=wild), replace(LIMITS, bounds=bounds)
    )

    assert (said.code, said.limit, said.source) == (GateCode.BLACK_SWAN, limit, source)


@pytest.mark.parametrize(
    ("observed", "said"), [("96.06193200942444", "96.06"), ("95.001", "95.001")]
)
def test_the_reason_of_a_black_swan_has_no_more_places_than_it_needs(
    observed: str, said: str
) -> None:
    verdict = Verdict(14, Status.REFUSED, GateCode.BLACK_SWAN.value, observed, "95")
    (tripped,) = triggers_of([verdict])

    assert tripped.reason == f"Its volatility is at the percentile {said}; it is stopped above 95."
    assert tripped.observed == observed


@pytest.mark.parametrize(
    ("rule", "observed", "limit", "said"),
    [
        (
            GateCode.ACCOUNT_DAILY_LOSS,
            "0.031205",
            "0.03",
            "lost 3.12 % today; it stops at 3 %",
        ),
        (GateCode.DAILY_LOSS_MONEY, "100", "100", "cost 100.00 $ today; trading stops at 100.00 $"),
        (GateCode.WEEKLY_LOSS, "0.1", "0.1", "lost 10 % this week; it stops at 10 %"),
        (GateCode.DRAWDOWN_LIMIT, "0.2", "0.2", "20 % below its highest; it stops at 20 %"),
        (GateCode.CONSECUTIVE_LOSSES, "5", "5", "5 trades in a row were lost"),
        (TriggerCause.PLATFORM_EXPOSURE, "0.4512", "0.45", "45.12 % of all equity is in positions"),
        (TriggerCause.BALANCE_JUMP, "0.5", "0.5", "by 50 %, and no money came or went"),
        (
            TriggerCause.RECONCILIATION_DRIFT,
            "0.01001",
            "0.01",
            "by 1.001 %; the account stops above 1 %",
        ),
        (TriggerCause.STUCK_ORDERS, "16", "15", "for 16 minutes; the account stops after 15"),
    ],
)
def test_money_and_shares_are_said_with_their_unit(
    rule: GateCode | TriggerCause, observed: str, limit: str, said: str
) -> None:
    sayings = Sayings(money=lambda stored: f"{Decimal(stored):.2f} $", exact="{} $".format)
    rules: dict[Any, Rule] = {**OF_GATES, **OF_EVIDENCE}

    tripped = trigger(rules[rule], observed, limit, sayings)

    assert said in tripped.reason.replace("\u00a0", " ")
    assert (tripped.observed, tripped.limit) == (observed, limit)


def test_the_limit_of_a_subscription_trips_nothing() -> None:
    """It is the subscriber's own, of one subscription; the others go on."""
    assert (
        triggers_of([Verdict(7, Status.REFUSED, GateCode.DAILY_LOSS_LIMIT.value, "1", "1")]) == ()
    )


def test_the_page_lists_every_trigger_with_its_settings() -> None:
    page = Path(__file__).parents[2] / "docs" / "kill-switches.md"

    assert triggers_table() in page.read_text(encoding="utf-8")
