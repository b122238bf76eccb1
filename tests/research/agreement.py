"""That paper and backtest of one subscription come to the same."""

from typing import Any

from django.utils import timezone

from apps.execution.models import Balance
from apps.research.services.parity import compare, simulate
from apps.risk.models import Decision
from apps.strategies.models import StrategySubscription
from trading.backtest import DecisionRow


def assert_agrees(subscription: StrategySubscription, *, at_least: int) -> None:
    """Every round trip, and so many of them that it means something."""
    found = compare(subscription, timezone.now())
    assert found.differences == []
    assert found.reasons == []
    assert len(found.paper) >= at_least, "too little happened to prove anything"


def assert_same_receipts(subscription: StrategySubscription) -> None:
    """Every signal got the same answer, and the money is the same."""
    simulated = simulate(subscription, timezone.now())
    rows: Any = Decision.objects.filter(subscription=subscription).order_by("id")
    made = rows.values_list(
        "decided_at", "instrument__symbol", "action", "outcome", "code", "sized_down_by", "quantity"
    )
    assert [DecisionRow(*row) for row in made] == list(simulated.decisions)
    assert simulated.cash == Balance.objects.get(account=subscription.account).cash
