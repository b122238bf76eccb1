"""What an answer to an order that nobody places takes for granted, and says so."""

from typing import Any

import pytest

from trading.what_if import ask

WHOLE: dict[str, Any] = {
    "tier": "INVESTOR",
    "plan": "pro",
    "capital": 1000,
    "start_of_day_equity": 1000,
    "daily_pnl": 0,
    "intent": {"symbol": "BTC-USD", "side": "buy", "notional": 50, "price": 3},
}


@pytest.mark.parametrize("unsaid", ["start_of_day_equity", "daily_pnl"])
def test_half_of_what_a_loss_is_measured_by_is_no_loss_and_it_says_so(
    unsaid: str,
) -> None:
    question = {**WHOLE, "daily_pnl": -500}
    del question[unsaid]
    found: dict[str, Any] = ask(question)
    whole: dict[str, Any] = ask(WHOLE)

    (of_today,) = (item for item in found["verdicts"] if item["gate"] == 13)
    assert (found["outcome"], of_today["status"]) == ("ordered", "not_applicable")
    assert f"no loss today, since {unsaid} is not said" in found["assumed"]
    assert not [item for item in whole["assumed"] if "today" in item]


def test_a_tier_that_nobody_names_is_another_with_another_capital() -> None:
    named, free = ask({**WHOLE, "capital": 280}), {**WHOLE, "capital": 280}
    del free["tier"]

    assert named["tradable_capital"] == "285.72 to 3750"
    assert ask(free)["code"] == "TIER_DEADLOCK"
    assert ask(free)["tradable_capital"] == ("10 to 49.99 or 100 to 249.99 or 285.72 to 100000")
