"""What the people of a chunk may do: their plans and their own limits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from apps.common.models import Mode
from apps.risk.limits import OwnLimits, bounds_in_force, own_limits_of
from apps.subscriptions.selectors import Entitlements, entitlements_of
from trading.gates import risk_facts
from trading.gates.bounds import Bounds
from trading.gates.risk_facts import NOT_PROVIDED, AccessFacts, AccountFacts


@dataclass(frozen=True, slots=True)
class People:
    """By user and mode."""

    granted: Mapping[int, Entitlements]
    limits: Mapping[str, Mapping[int, OwnLimits]]

    @classmethod
    def read(cls, people: Iterable[tuple[int, str]], now: datetime) -> Self:
        """`now` is the wall's clock, which payments go by."""
        of_mode: dict[str, set[int]] = {}
        for user, mode in people:
            of_mode.setdefault(mode, set()).add(user)
        granted = entitlements_of({user for users in of_mode.values() for user in users}, now)
        limits = {mode: own_limits_of(users, Mode(mode)) for mode, users in of_mode.items()}
        return cls(granted, limits)

    def access(self, user: int, mode: str, at: datetime) -> AccessFacts:
        """`at` is the venue's clock, which a person's hours go by."""
        granted, window = self.granted[user], self.own(user, mode).window
        is_closed = window is not None and not window.is_open(at)
        return AccessFacts(
            is_in_window=NOT_PROVIDED if window is None else not is_closed,
            window_opens_at=window.opens_at(at) if window is not None and is_closed else None,
            mode=risk_facts.Mode(mode),
            plan_allows_live=granted.allows_live,
            is_payment_overdue=granted.is_overdue,
        )

    def own(self, user: int, mode: str) -> OwnLimits:
        return self.limits[mode][user]

    def bounds(self, user: int, mode: str, account: AccountFacts, strategy: Bounds) -> Bounds:
        """All that hold for an account with these facts."""
        granted, equity = self.granted[user], account.equity
        tier = granted.capital_tier
        if equity is not None and equity is not NOT_PROVIDED:
            tier = granted.tier(equity)
        return bounds_in_force(
            granted,
            tier,
            self.own(user, mode),
            is_live=mode == Mode.LIVE,
            strategy=strategy,
        )
