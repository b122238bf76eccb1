"""What a refusal trips beside itself, and when that clears."""

import pytest

from trading.gates.codes import GateCode
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.triggers import Clears, TriggerCause, triggers_of
from trading.gates.values import Status, TradingState, Verdict


@pytest.mark.parametrize("code", list(GateCode))
def test_what_trips_a_switch_is_grave(code: GateCode) -> None:
    refused = Verdict(1, Status.REFUSED, code.value, "1", "2")

    for trigger in triggers_of([refused]):
        assert SEVERITIES[code] >= Severity.DANGER
        assert trigger.state >= TradingState.REDUCING
        assert (trigger.observed, trigger.limit) == ("1", "2")
    passed = Verdict(1, Status.PASSED, "", "1", "2")
    assert triggers_of([passed]) == ()


def test_only_the_losses_of_a_day_and_a_week_clear_by_themselves() -> None:
    clears = {
        trigger.cause: trigger.clears
        for code in GateCode
        for trigger in triggers_of([Verdict(1, Status.REFUSED, code.value, "", "")])
    }

    assert clears.pop(TriggerCause.DAILY_LOSS) is Clears.NEXT_DAY
    assert clears.pop(TriggerCause.WEEKLY_LOSS) is Clears.NEXT_WEEK
    assert set(clears) == set(TriggerCause) - {TriggerCause.DAILY_LOSS, TriggerCause.WEEKLY_LOSS}
    assert set(clears.values()) == {Clears.BY_HAND}


def test_the_limit_of_a_subscription_trips_nothing() -> None:
    """It is the subscriber's own, of one subscription; the others go on."""
    assert (
        triggers_of([Verdict(7, Status.REFUSED, GateCode.DAILY_LOSS_LIMIT.value, "1", "1")]) == ()
    )
