"""Performance and stats, as the API tells them."""

from typing import Any

import pytest
from django.test import Client

from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World

PERFORMANCE = "/api/v1/account/performance"
STATS = "/api/v1/account/stats"


def ask(browser: Client, path: str, status: int = 200, **query: str) -> Any:
    answer = browser.get(path, query)
    assert answer.status_code == status, answer.content
    body = answer.json()
    return body["data"] if status == 200 else body["error"]


def stopped_out(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", ("101", "101", "98", "98"), first=MONDAY)


def test_without_a_trade_nothing_is_known_and_nothing_is_zero(lab: World, alice: Client) -> None:
    metrics = ask(alice, PERFORMANCE)["metrics"]
    counts = {"total_trades", "winning_trades", "losing_trades"}
    assert {name: metrics.pop(name) for name in counts} == dict.fromkeys(counts, 0)
    assert set(metrics.values()) == {None}
    trading = ask(alice, STATS)["trading"]
    assert trading == {
        "total_trades_all_time": 0, "total_volume_usd": 0, "total_fees_paid": None,
        "best_month": None, "current_streak": None,
    }  # fmt: skip


def test_a_lost_trade_is_told_in_every_figure(lab: World, alice: Client) -> None:
    stopped_out(lab)
    (trade,) = ask(alice, "/api/v1/account/history")["trades"]
    found = ask(alice, PERFORMANCE, period="all")
    metrics = found["metrics"]
    loss, fees = trade["realized_pnl"], trade["fees"]

    assert (found["book"], found["mode"], found["currency"]) == ("lab.paper.USD", "paper", "USD")
    assert loss < 0 < fees
    assert (metrics["total_trades"], metrics["losing_trades"], metrics["win_rate"]) == (1, 1, 0)
    assert metrics["net_pnl"] == metrics["avg_loss"] == metrics["largest_loss"] == loss
    assert metrics["total_pnl"] == pytest.approx(loss + fees)
    assert metrics["total_fees"] == fees
    assert metrics["total_pnl_pct"] == pytest.approx(loss / 1_000)
    assert metrics["profit_factor"] == 0
    assert metrics["avg_win"] is None
    assert metrics["max_drawdown"] == pytest.approx(-loss)
    assert metrics["max_drawdown_pct"] == pytest.approx(-loss / 1_000)
    assert metrics["recovery_time_days"] is None
    assert metrics["avg_trade_duration_minutes"] == trade["duration_minutes"]
    assert found["daily_pnl"] == [{"date": "2026-06-01", "pnl": loss}]
    (day,) = found["equity_curve"]
    assert day["equity"] == pytest.approx(100_000 + loss)


def test_a_period_leaves_out_what_was_before(lab: World, alice: Client) -> None:
    stopped_out(lab)
    fakes.close(lab.venue, MONDAY + 8 * 24 * 60 * fakes.MINUTE)

    assert ask(alice, PERFORMANCE, period="7d")["metrics"]["total_trades"] == 0
    assert ask(alice, PERFORMANCE)["metrics"]["total_trades"] == 1
    assert ask(alice, PERFORMANCE, 400, period="2d")["code"] == "VALIDATION_ERROR"


def test_stats_are_of_all_time(lab: World, alice: Client) -> None:
    stopped_out(lab)
    (trade,) = ask(alice, "/api/v1/account/history")["trades"]
    fills = ask(alice, "/api/v1/fills")["fills"]
    found = ask(alice, STATS)

    account, trading, risk = found["account"], found["trading"], found["risk"]
    assert account["user_id"] == f"usr_{lab.alice.pk}"
    assert (account["total_deposits"], account["total_withdrawals"]) == (100_000, 0)
    assert account["current_balance"] == pytest.approx(100_000 + trade["realized_pnl"])
    assert account["all_time_high"] == account["all_time_low"] == account["current_balance"]
    assert trading["total_volume_usd"] == pytest.approx(
        sum(fill["quantity"] * fill["price"] for fill in fills)
    )
    assert trading["best_month"]["month"] == "2026-06"
    assert trading["best_month"]["pnl_pct"] == pytest.approx(trade["realized_pnl"] / 1_000)
    assert trading["current_streak"] == {
        "type": "losing", "count": 1, "started": trade["closed_at"],
    }  # fmt: skip
    assert (risk["max_positions"], risk["available_leverage"]) == (3, 1)
    assert (risk["current_leverage"], risk["current_risk_level"]) == (0, None)


def test_what_is_held_is_leverage(lab: World, alice: Client) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    assert ask(alice, STATS)["risk"]["current_leverage"] == pytest.approx(0.025, abs=0.001)
