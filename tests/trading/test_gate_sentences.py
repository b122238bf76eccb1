"""What people read of a refusal: numbers, who set the limit, and when it clears."""

import re
from dataclasses import fields
from datetime import datetime, timedelta

import pytest

from tests.trading.examples import MONDAY
from trading.gates import CATALOGUE
from trading.gates.authors import AUTHORS, author
from trading.gates.bounds import Source
from trading.gates.clearing import BY_CLOCK, Clock, clears, clears_at, resumes
from trading.gates.codes import GateCode
from trading.gates.phrases import FACTS, OF_CODES
from trading.gates.risk_facts import AccessFacts, AccountFacts, InstrumentFacts, MarketFacts
from trading.gates.sentences import PLAINLY, Sayings, cells, fact, sentence
from trading.gates.values import NO_LIMIT, Status, Verdict, not_applicable

LIMIT = "2026-06-01 14:05 UTC"
TIER = Source.TIER.value
SPOKEN = Sayings(money="USD {}".format, price="{} USD".format, quantity="{} units".format)


def refused(code: GateCode, observed: str = "12", limit: str = "34", source: str = "") -> Verdict:
    return Verdict(11, Status.REFUSED, code.value, observed, limit, source)


def test_every_code_has_a_phrase() -> None:
    assert set(OF_CODES) == set(GateCode)


@pytest.mark.parametrize("code", list(GateCode))
def test_every_code_is_said_with_its_numbers_and_what_clears_it(code: GateCode) -> None:
    phrase = OF_CODES[code]
    is_moment = BY_CLOCK.get(code) is Clock.LIMIT
    verdict = refused(code, limit=LIMIT if is_moment else "34")

    told = sentence(verdict, SPOKEN)

    assert not re.search(r"[{}_]|\b[A-Z]{4,}", told.replace("00:00 UTC", "")), told
    assert ("12" in told) is ("{}" in phrase.observed and code is not GateCode.DUPLICATE_SIGNAL)
    assert ("34" in told) is ("{}" in phrase.limit)
    assert clears(verdict)
    assert told.endswith(f": {clears(verdict)}") is (code in BY_CLOCK)
    assert resumes(verdict).startswith("resumes ") is (code in BY_CLOCK)


@pytest.mark.parametrize("code", list(GateCode))
def test_whoever_set_the_limit_is_named(code: GateCode) -> None:
    if "{}" not in OF_CODES[code].limit:
        return
    for source in Source:
        told = sentence(refused(code, source=source.value))
        assert f"(set by {AUTHORS[source]})" in told


@pytest.mark.parametrize(
    ("code", "limit", "at"),
    [
        (GateCode.DAILY_LOSS_LIMIT, "34", MONDAY + timedelta(days=1)),
        (GateCode.DAILY_TRADES, "34", MONDAY + timedelta(days=1)),
        (GateCode.WEEKLY_LOSS, "34", MONDAY + timedelta(days=7)),
        (GateCode.COOLDOWN_ACTIVE, LIMIT, MONDAY + timedelta(hours=14, minutes=5)),
        (GateCode.OUTSIDE_TRADING_WINDOW, LIMIT, MONDAY + timedelta(hours=14, minutes=5)),
        (GateCode.OUTSIDE_TRADING_WINDOW, "", None),
        (GateCode.MAX_POSITIONS, "34", None),
    ],
)
def test_the_time_at_which_it_clears_is_known_where_the_clock_decides(
    code: GateCode, limit: str, at: datetime | None
) -> None:
    decided_at = MONDAY + timedelta(hours=9)

    assert clears_at(refused(code, limit=limit), decided_at) == at


def test_a_week_ends_on_monday_on_whichever_day_it_is_asked() -> None:
    next_monday = MONDAY + timedelta(days=7)

    for day in range(7):
        moment = MONDAY + timedelta(days=day, hours=23)
        assert clears_at(refused(GateCode.WEEKLY_LOSS), moment) == next_monday


def test_a_passed_gate_clears_nothing() -> None:
    passed = Verdict(7, Status.PASSED, "", "8", "250")

    assert (clears(passed), clears_at(passed, MONDAY)) == ("", None)


def test_a_window_that_nobody_knows_the_opening_of_says_what_it_waits_for() -> None:
    verdict = refused(GateCode.OUTSIDE_TRADING_WINDOW, "closed", "")

    assert sentence(verdict) == "outside the trading window"
    assert clears(verdict) == "when the window opens"


def test_numbers_that_look_the_same_to_the_cent_are_said_with_every_digit() -> None:
    cents = Sayings(money=lambda said: f"{float(said):.2f}", exact=lambda said: f"{said} USD")
    verdict = refused(GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER, "75.0001", "75", TIER)

    assert sentence(verdict, cents) == (
        "order of 75.0001 USD, at most 75 USD (set by the capital tier)"
    )
    assert sentence(verdict._replace(observed="76"), cents).startswith("order of 76.00, at most 75")


def test_a_percentile_is_said_to_two_places_unless_it_is_then_its_limit() -> None:
    verdict = refused(GateCode.VOLATILITY_TOO_HIGH, "96.06193200942444", "80")

    assert sentence(verdict) == "volatility 96.06, at most 80"
    assert sentence(verdict._replace(observed="80.001")) == "volatility 80.001, at most 80"


def test_a_dead_zone_says_the_capital_that_it_would_take() -> None:
    told = refused(GateCode.TIER_DEADLOCK, "2000", "66.67 to 1250")
    never = told._replace(limit="none")

    assert sentence(told, SPOKEN) == (
        "no order is possible with a capital of USD 2000, it takes USD 66.67 to USD 1250"
    )
    assert sentence(never, SPOKEN) == (
        "no order is possible with a capital of USD 2000, no capital makes one possible"
    )


def test_a_typed_size_names_the_cap_and_its_author() -> None:
    verdict = Verdict(18, Status.REFUSED, GateCode.SIZE_ABOVE_CAP.value, "2", "1.5", "SHARE:tier")

    assert sentence(verdict) == (
        "size 2, at most 1.5 (the share of the account that one order may take, "
        "set by the capital tier)"
    )


def test_every_fact_that_a_gate_may_lack_has_words() -> None:
    groups = (AccountFacts, InstrumentFacts, MarketFacts, AccessFacts)
    names = {item.name for group in groups for item in fields(group)} - {"window_opens_at"}

    assert names <= set(FACTS)
    assert fact("something_new") == "something new"
    assert sentence(refused(GateCode.FACT_UNKNOWN, "day_pnl", "")) == "not known: today's result"


@pytest.mark.parametrize("gate", CATALOGUE, ids=lambda gate: gate.title)
def test_what_any_gate_saw_fits_a_table(gate: object) -> None:
    number = getattr(gate, "number", 0)
    passed = cells(Verdict(number, Status.PASSED, "", "12", "34", TIER), SPOKEN)
    said = cells(Verdict(number, Status.PASSED, "", "open", ""), SPOKEN)

    assert "12" in passed.observed
    assert "{" not in passed.observed + passed.limit
    assert "open" in said.observed
    assert said.limit == ""


def test_a_gate_that_was_not_asked_says_why() -> None:
    assert cells(not_applicable(29, NO_LIMIT)) == ("nobody set a limit", "")
    assert cells(not_applicable(29, "bid")) == ("not provided: the bid", "")


def test_the_author_of_a_limit_that_only_one_can_set_needs_no_telling() -> None:
    assert author(Verdict(8, Status.PASSED, "", "12", "10")) == "set by the venue"
    assert author(Verdict(4, Status.PASSED, "", "12", "10")) == "set by the strategy"
    assert author(Verdict(5, Status.PASSED, "", "12", "10")) == ""
    assert author(Verdict(8, Status.PASSED, "", "12", "")) == ""
    assert PLAINLY.money("5") == "5"
