from apps.subscriptions.services.catalogue import add_version, publish, sell, withdraw
from apps.subscriptions.services.giving import cancel, give, mark_paid, mark_past_due

__all__ = [
    "add_version",
    "cancel",
    "give",
    "mark_paid",
    "mark_past_due",
    "publish",
    "sell",
    "withdraw",
]
