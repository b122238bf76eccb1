"""What a person follows or trades by hand, or has done so."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.execution.models import Position
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

    def symbols(self, asked: str) -> list[str]:
        """Of the instruments of these, at whichever venue; and the one that is asked for, where
        there is such an instrument: a ticket of it that was refused has left nothing held. One
        query."""
        # Taken as it was typed; of no symbol a NUL is a part, and the database takes none.
        named = Q(symbol=asked.replace("\0", ""))
        rows = Instrument.objects.filter(self._traded | named).order_by("symbol")
        return list(rows.values_list("symbol", flat=True).distinct())

    def instruments(self) -> QuerySet[Instrument]:
        """In the order of their symbols."""
        return Instrument.objects.filter(self._traded).order_by("symbol")

    @property
    def _traded(self) -> Q:
        """By strategies, or by hand."""
        versions = StrategySubscription.objects.of(self.user).values("version")
        rows = StrategyVersion.instruments.through.objects.filter(strategyversion__in=versions)
        held = Position.objects.of(self.user).values("instrument")
        return Q(pk__in=rows.values("instrument")) | Q(pk__in=held)
