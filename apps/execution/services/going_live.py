from datetime import datetime

from apps.common.errors import Refused
from apps.execution.readiness import live_readiness
from apps.strategies.models import StrategySubscription
from trading.readiness import first_unmet


def go_live(subscription: StrategySubscription, now: datetime) -> None:
    """From paper to real money. Raises Refused with the code of the first check that is not met;
    where all are, LIVE_NOT_AVAILABLE: no venue takes live orders yet."""
    unmet = first_unmet(live_readiness(subscription, now))
    if unmet is not None:
        raise Refused(unmet.code.value, f"Not live yet: {unmet.refusal}.")
    raise Refused("LIVE_NOT_AVAILABLE", "Live accounts cannot be connected yet.")
