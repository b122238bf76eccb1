"""Every documented check between paper and live, at its boundary."""

from dataclasses import replace
from decimal import Decimal

import pytest

from trading.readiness import (
    CRITERIA,
    MEANINGS,
    Check,
    Criterion,
    Evidence,
    Fact,
    LiveCode,
    Needs,
    State,
    checks,
    first_unmet,
)

READY = Needs(*[Fact(holds=True, said="yes")] * 4)
# Exactly at every limit of the stricter of the two lists.
ENOUGH = Evidence(
    hours=Decimal(720),
    trades=Decimal(50),
    net=Decimal("0.05"),
    drawdown=Decimal("0.15"),
    win_rate=Decimal("0.52"),
    sharpe=Decimal(1),
    profit_factor=Decimal("1.3"),
    reward_risk=Decimal("1.5"),
    quiz=Decimal("0.8"),
)
LITTLE = Decimal("0.0000001")


def by_name(needs: Needs, evidence: Evidence) -> dict[str, Check]:
    return {check.name: check for check in checks(needs, evidence)}


def test_at_every_limit_everything_is_met() -> None:
    found = checks(READY, ENOUGH)

    assert first_unmet(found) is None
    assert len(found) == 4 + 5 + 8


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda each: each.name)
def test_just_beyond_its_limit_a_criterion_is_not_met(criterion: Criterion) -> None:
    limit, name = criterion.limit, criterion.name
    beyond = limit + LITTLE if criterion.is_most else limit - LITTLE

    at = by_name(READY, replace(ENOUGH, **{criterion.fact: limit}))[name]
    past = by_name(READY, replace(ENOUGH, **{criterion.fact: beyond}))[name]

    assert (at.state, past.state) == (State.MET, State.NOT_MET)
    assert (at.why, past.why) == ("", MEANINGS[criterion.code])
    assert past.refusal == f"{past.why}: {past.observed}, {past.limit}"
    assert at.observed != past.observed


@pytest.mark.parametrize("value", [None, Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda each: each.name)
def test_what_is_not_known_is_not_met(criterion: Criterion, value: Decimal | None) -> None:
    found = by_name(READY, replace(ENOUGH, **{criterion.fact: value}))[criterion.name]

    assert (found.state, found.is_met, found.observed) == (State.NOT_KNOWN, False, "not known")
    assert (found.why, found.refusal) == ("not known yet", f"{criterion.title}: not known yet")


def test_nobody_who_has_done_nothing_is_ready() -> None:
    found = checks(Needs(*[Fact(holds=False)] * 4), Evidence())

    assert {check.state for check in found} == {State.NOT_MET, State.NOT_KNOWN}
    unmet = first_unmet(found)
    assert unmet is not None
    assert unmet.code is LiveCode.CONSENT_MISSING


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("consent", LiveCode.CONSENT_MISSING),
        ("plan", LiveCode.PLAN_FORBIDS_LIVE),
        ("account", LiveCode.ACCOUNT_NOT_VERIFIED),
        ("certificate", LiveCode.CERTIFICATE_MISSING),
    ],
)
@pytest.mark.parametrize("holds", [False, None])
def test_what_nobody_goes_live_without_is_named(
    missing: str, code: LiveCode, holds: bool | None
) -> None:
    unmet = first_unmet(checks(replace(READY, **{missing: Fact(holds)}), ENOUGH))

    assert unmet is not None
    assert unmet.code is code


def test_numbers_are_rounded_against_who_would_go_live() -> None:
    found = by_name(
        READY, replace(ENOUGH, win_rate=Decimal("0.51999"), drawdown=Decimal("0.150001"))
    )

    assert (found["win_rate"].observed, found["win_rate"].limit) == ("51.99 %", "at least 52 %")
    assert (found["drawdown"].observed, found["drawdown"].limit) == ("15.01 %", "at most 15 %")
    assert (found["time"].observed, found["time"].limit) == ("30 days", "at least 30 days")
    assert found["proven_time"].observed == "720 hours"


def test_every_code_has_its_words() -> None:
    assert set(MEANINGS) == set(LiveCode)
