from decimal import Decimal

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.events.services.relay import relay
from apps.execution.services.accounts import record_deposit
from tests.fakes import MONDAY


def deposit(user: User, count: int = 1) -> None:
    """Facts of a user, each in a transaction of its own, told by the relay."""
    account = BrokerAccount.objects.get(user=user)
    for _ in range(count):
        record_deposit(account, Decimal("12.50"), now=MONDAY)
    relay()
