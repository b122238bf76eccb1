"""What a person follows, or has followed."""

from dataclasses import dataclass
from functools import cached_property

from apps.accounts.models import User
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
        """Of the instruments of these; one query."""
        versions = StrategySubscription.objects.of(self.user).values("version")
        rows = StrategyVersion.instruments.through.objects.filter(strategyversion__in=versions)
        found = rows.values_list("instrument__symbol", flat=True).distinct()
        return sorted(found)
