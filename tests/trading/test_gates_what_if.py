"""What the gates would say, from what somebody typed; and the command, which needs no database."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from trading.gates import CATALOGUE
from trading.what_if import ask
from trading.what_if.reading import NotUsable

ORDER: dict[str, Any] = {"symbol": "BTC-USD", "side": "buy", "notional": 50, "price": 3}
INVESTOR: dict[str, Any] = {
    "tier": "INVESTOR",
    "plan": "pro",
    "capital": 1000,
    "peak_equity": 1000,
    "start_of_day_equity": 1000,
    "daily_pnl": 0,
    "open_positions": 1,
    "trades_today": 0,
    "volatility": 45,
    "intent": ORDER,
}


def told(notional: str = "50", **changed: Any) -> dict[str, Any]:
    return {**INVESTOR, "intent": {**ORDER, "notional": notional}, **changed}


@pytest.mark.parametrize(
    ("question", "code", "severity"),
    [
        (told(), "", "SAFE"),
        (told("70"), "", "SAFE"),
        (told("71"), "POSITION_SHARE_TOO_LARGE", "DANGER"),
        (told("76"), "NOTIONAL_EXCEEDS_MAX_PER_ORDER", "DANGER"),
        (told("19.99"), "NOTIONAL_BELOW_MINIMUM", "DANGER"),
        (told(open_positions=3), "ACCOUNT_MAX_POSITIONS", "DANGER"),
        (told(volatility=80), "", "SAFE"),
        (told(volatility="80.01"), "VOLATILITY_TOO_HIGH", "WARNING"),
        (told(volatility=96), "BLACK_SWAN", "CRITICAL"),
        (told(daily_pnl=-100), "ACCOUNT_DAILY_LOSS", "DANGER"),
        (told(trades_today=100), "DAILY_TRADES", "WARNING"),
        (told(capital=280), "TIER_DEADLOCK", "DANGER"),
        (told(capital=0), "NO_CAPITAL", "DANGER"),
        (told(plan="free"), "PLAN_FORBIDS_LIVE", "WARNING"),
        (told(plan="free", mode="paper"), "", "SAFE"),
        (told(trading_state="halted"), "TRADING_HALTED", "CRITICAL"),
        (told(exposure=780), "TOTAL_EXPOSURE", "DANGER"),
        (told(exposure=960), "EXCEEDS_AVAILABLE_CAPITAL", "DANGER"),
        (told(volatility=None), "FACT_UNKNOWN", "WARNING"),
        (told("500.01", tier="BALLER", plan="basic", capital=20_000,
              peak_equity=20_000), "NOTIONAL_EXCEEDS_MAX_PER_ORDER", "DANGER"),
        (told("500.01", tier="BALLER", plan="basic", mode="paper", capital=20_000,
              peak_equity=20_000), "", "SAFE"),
    ],
)  # fmt: skip
def test_the_outcome_is_that_of_the_gates(
    question: dict[str, Any], code: str, severity: str
) -> None:
    found = ask(question)

    assert (found["code"], found["severity"]) == (code, severity)
    assert found["outcome"] == ("denied" if code else "ordered")


def verdict(found: dict[str, Any], gate: int) -> dict[str, Any]:
    return next(item for item in found["verdicts"] if item["gate"] == gate)


def test_every_gate_answers_with_its_numbers_and_its_source() -> None:
    found = ask(told("71"))

    assert [item["gate"] for item in found["verdicts"]] == [gate.number for gate in CATALOGUE]  # type: ignore[attr-defined]
    assert verdict(found, 11) == {
        "gate": 11,
        "title": "Capital Guard",
        "status": "refused",
        "code": "POSITION_SHARE_TOO_LARGE",
        "severity": "DANGER",
        "observed": "71",
        "limit": "70",
        "source": "tier",
        "sentence": "order of 71, at most 70 of this account (set by the capital tier)",
    }


def test_what_is_not_said_is_not_asked_and_what_is_null_is_refused() -> None:
    silent = {name: value for name, value in INVESTOR.items() if name != "volatility"}

    assert verdict(ask(silent), 14)["status"] == "not_applicable"
    assert verdict(ask(told(volatility=None)), 14)["observed"] == "volatility"


def test_the_tier_follows_from_the_capital_where_none_is_named() -> None:
    found = ask({"capital": 1000, "intent": ORDER})

    assert found["tier"] == "INCOME"
    assert found["assumed"] == [
        "the tier by the capital", "no limits of a plan", "a live order",
        "no kill switch tripped", "nothing in positions",
    ]  # fmt: skip


def test_it_tells_which_switch_would_trip_and_what_is_lost_at_the_stop() -> None:
    found = ask(told(daily_pnl=-100, intent={**ORDER, "stop": "2.4"}))

    assert found["triggers"] == [
        {"cause": "daily_loss", "scope": "account", "state": "HALTED", "clears": "next_day"}
    ]
    assert found["loss_at_stop"] == "10"


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "missing_field"),
    ({"intent": ORDER}, "missing_field"),
    (told(capital="much"), "not_a_number"),
    (told(capital=True), "not_a_number"),
    (told(capital="NaN"), "not_a_number"),
    (told(daily_pnl="Infinity"), "not_a_number"),
    (told(volatility="sNaN"), "not_a_number"),
    (told(capital="1e999999"), "out_of_range"),
    (told(capital="1" * 5_000), "out_of_range"),
    (told(intent={**ORDER, "price": "1e-400"}), "out_of_range"),
    (told(capital=[1]), "not_a_number"),
    (told("0"), "not_positive"),
    (told("-5"), "not_positive"),
    (told(open_positions=1.5), "not_a_count"),
    (told(trades_today=-1), "not_a_count"),
    (told(tier="TITAN"), "unknown_tier"),
    (told(plan="gold"), "unknown_plan"),
    (told(mode="real"), "unknown_mode"),
    (told(trading_state="off"), "unknown_trading_state"),
    (told(colour="red"), "unknown_field"),
    (told(intent={**ORDER, "side": "up"}), "unknown_side"),
    (told(intent={**ORDER, "symbol": ""}), "missing_field"),
    (told(intent={**ORDER, "stop": 3}), "invalid_stop"),
    (told(intent={**ORDER, "side": "sell", "stop": 2}), "invalid_stop"),
    (told(intent=None), "missing_field"),
]


@pytest.mark.parametrize(("question", "code"), BAD)
def test_what_cannot_be_read_is_refused_with_a_code(question: dict[str, Any], code: str) -> None:
    with pytest.raises(NotUsable) as refused:
        ask(question)

    assert refused.value.code == code
    assert str(refused.value).endswith(".")


def command(said: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Of a process of its own, whose database and Redis do not exist."""
    nowhere = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "manage.py", "what_if", *arguments],
        cwd=root, env=os.environ | nowhere, input=said, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_the_command_answers_without_a_database() -> None:
    done = command(json.dumps(told("71")), "--json")

    assert (done.returncode, done.stderr) == (0, "")
    found, pure = json.loads(done.stdout), ask(told("71"))
    assert found.pop("assumed") == [
        "a live order", "no kill switch tripped", "nothing in positions",
        "no positions in other accounts",
        "the plan as it was first published, since there is no database",
    ]  # fmt: skip
    for of_settings in ("assumed", "limits"):
        pure.pop(of_settings)
    found.pop("limits")
    assert found == pure


def test_the_command_says_it_in_words() -> None:
    done = command(json.dumps(told("71", daily_pnl=-100)))

    assert done.returncode == 0
    assert done.stdout.startswith("denied (POSITION_SHARE_TOO_LARGE), DANGER\n")
    refusal = "order of 71, at most 70 of this account (set by the capital tier)"
    assert f"REFUSED    Capital Guard: {refusal}\n" in done.stdout
    assert "trips: daily_loss, HALTED" in done.stdout
    assert "Capital with which an order is possible: 285.72 to 3750." in done.stdout


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "not_json"),
        ("[]", "not_an_object"),
        ('{"capital": NaN}', "not_a_number"),
        ('{"capital": 1, "capital": 2}', "said_twice"),
        ('{"capital": ' + "1" * 5_000 + ', "intent": {}}', "out_of_range"),
    ],
)
def test_the_command_refuses_bad_input_with_a_code(
    said: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
    told_json = io.StringIO()

    with pytest.raises(CommandError, match=f"^{code}: "):
        call_command("what_if", "--json", stdout=told_json)
    assert json.loads(told_json.getvalue())["error"]["code"] == code


def test_the_command_ends_badly_where_it_cannot_read() -> None:
    done = command("{", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "not_json"
    assert "Traceback" not in done.stderr


def test_numbers_are_read_to_their_last_digit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = json.dumps(told(plan=None)).replace('"50"', "70.00000000000000000001")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
    answered = io.StringIO()
    call_command("what_if", "--json", stdout=answered)

    found = verdict(json.loads(answered.getvalue()), 11)
    assert (found["code"], found["observed"]) == (
        "POSITION_SHARE_TOO_LARGE", "70.00000000000000000001",
    )  # fmt: skip
