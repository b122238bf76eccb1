from apps.strategies.models.runs import Run
from apps.strategies.models.signals import Signal
from apps.strategies.models.subscriptions import StrategySubscription
from apps.strategies.models.versions import IntegrityCertificate, Strategy, StrategyVersion

__all__ = [
    "IntegrityCertificate",
    "Run",
    "Signal",
    "Strategy",
    "StrategySubscription",
    "StrategyVersion",
]
