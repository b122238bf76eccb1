"""What a person or a client orders themselves: the built-in `manual` strategy, whose version never
speaks, and the one hidden subscription to it that each account has, so that every decision and
position has a subscription. No list of running versions holds it, and no registry of code: there is
nothing to run.
"""

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.strategies.models import Signal, Strategy, StrategySubscription, StrategyVersion
from trading.candles import Timeframe

CODE = "manual"
NAME = "By hand"
NUMBER = "1.0.0"
# Of its own limits none binds: those of the account do. The positions are as many as the column
# holds, the loss is the whole capital, which is the equity of the account.
SETTINGS = {
    "timeframe": Timeframe.M1.value,  # it is asked on the finest candles of each venue
    "warmup_candles": 0,
    "is_active": False,
    "leverage": 1,
    "max_positions": 32_767,
    "max_daily_loss": 1,
}


def version_by_hand() -> StrategyVersion:
    """As it is, or as it will be once it is needed: nothing is written."""
    rows = StrategyVersion.objects.select_related("strategy")
    found = rows.filter(strategy__code=CODE, number=NUMBER).first()
    return found or StrategyVersion(strategy=Strategy(code=CODE), number=NUMBER, **SETTINGS)


def _version() -> StrategyVersion:
    strategy, _ = Strategy.objects.get_or_create(
        code=CODE, defaults={"name": NAME, "description": "What its owner orders themselves."}
    )
    version, _ = StrategyVersion.objects.select_related("strategy").get_or_create(
        strategy=strategy, number=NUMBER, defaults=SETTINGS
    )
    return version


@db.transaction
def subscription_by_hand(account: BrokerAccount) -> StrategySubscription:
    """The account's own, made when it is first needed; a constraint keeps it the only one."""
    rows = StrategySubscription.objects.select_related("version__strategy")
    found = rows.filter(account=account, is_by_hand=True).first()
    if found is not None:
        return found
    made, _ = rows.get_or_create(
        account=account,
        is_by_hand=True,
        defaults={"user_id": account.user_id, "version": _version(), "mode": account.mode},
    )
    return made


@db.transaction_required
def record_by_hand(signal: Signal, subscription: StrategySubscription) -> Signal:
    """Once for each source and key, which a constraint sees to."""
    signal.version = subscription.version
    signal.save(force_insert=True)
    return signal
