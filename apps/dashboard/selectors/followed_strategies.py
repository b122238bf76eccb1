"""What a person follows, or has followed."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.market.models import Instrument
from apps.strategies.models import StrategySubscription, StrategyVersion


@dataclass(frozen=True)
class Follower:
    user: User

    @cached_property
    def subscriptions(self) -> list[tuple[str, str]]:
        """Ids with words for each, the newest first; one query."""
        rows = StrategySubscription.objects.of(self.user).order_by("-id")
        return [
            (str(pk), f"{strategy} {number}, {account} ({pk})")
            for pk, strategy, number, account in rows.values_list(
                "pk", "version__strategy__name", "version__number", "account__name"
            )
        ]

    @cached_property
    def symbols(self) -> list[str]:
        """Of the instruments of these, at whichever venue; one query."""
        return list(self.instruments().values_list("symbol", flat=True).distinct())

    def instruments(self) -> QuerySet[Instrument]:
        """In the order of their symbols."""
        versions = StrategySubscription.objects.of(self.user).values("version")
        rows = StrategyVersion.instruments.through.objects.filter(strategyversion__in=versions)
        return Instrument.objects.filter(pk__in=rows.values("instrument")).order_by("symbol")
