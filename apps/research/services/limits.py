"""Whose limits a backtest meets."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.common.models import Mode
from apps.research.services.terms import Terms
from apps.risk.limits import bounds_in_force, own_limits_of
from apps.subscriptions.selectors import entitlements
from trading.gates.bounds import NO_BOUNDS, Bounds, Source, bounds_of
from trading.strategies import Strategy


class LimitsChoice(StrEnum):
    MINE = "mine"  # those that would hold on paper for who asks
    NONE = "none"  # the strategy alone


def limits_chosen(said: str) -> LimitsChoice:
    """Raises Refused LIMITS_NOT_USABLE."""
    try:
        return LimitsChoice(said)
    except ValueError as error:
        known = ", ".join(LimitsChoice)
        raise Refused("LIMITS_NOT_USABLE", f"limits is one of {known}, not '{said}'.") from error


def limited(
    terms: Terms, strategy: Strategy, choice: LimitsChoice, user: User, now: datetime
) -> Terms:
    """The terms with the limits that hold now for an account of this cash."""
    if choice is LimitsChoice.NONE:
        return terms
    bounds, symbols = held_on_paper(user, strategy, terms.cash, now)
    return replace(terms, bounds=bounds, symbols=symbols)


class Held(NamedTuple):
    bounds: Bounds
    symbols: frozenset[str] | None


def held_on_paper(user: User, strategy: Strategy, cash: Decimal, now: datetime) -> Held:
    """For an account with so much in it. Plans are paid by the wall's clock, which `now` is."""
    own = own_limits_of([user.pk], Mode.PAPER)[user.pk]
    granted = entitlements(user, now)
    bounds = bounds_in_force(
        granted,
        granted.tier(cash),
        own,
        is_live=False,
        strategy=bounds_of(Source.STRATEGY, strategy_share=strategy.most_exposed),
    )
    return Held(bounds, own.symbols)


def choice_of(terms: Terms) -> LimitsChoice:
    """That they were made with: there is always somebody who bounds a person."""
    return LimitsChoice.NONE if terms.bounds is NO_BOUNDS else LimitsChoice.MINE
