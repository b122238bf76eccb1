from datetime import datetime

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.strategies.models import StrategyVersion
from apps.strategies.needs import needs
from trading.readiness import first_unmet, needed


def refuse_live(user: User, version: StrategyVersion, now: datetime) -> None:
    """Raises Refused with the code of the first thing that is missing to go live; where nothing
    is, LIVE_NOT_AVAILABLE: no venue takes live orders yet."""
    missing = first_unmet(needed(needs(user, version, now)))
    if missing is not None:
        raise Refused(missing.code.value, f"Not live: {missing.refusal}.")
    raise Refused("LIVE_NOT_AVAILABLE", "Live accounts cannot be connected yet.")
