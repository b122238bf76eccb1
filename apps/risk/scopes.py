"""What a kill switch can be for, and how people name it."""

from collections.abc import Callable
from typing import TypedDict, TypeVar

from django.db.models import Model, QuerySet

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.common.errors import Refused
from apps.market.models import Instrument
from apps.risk.models import KillSwitch
from apps.strategies.models import Strategy, StrategySubscription

Scope = KillSwitch.Scope
SPELLINGS = (
    "platform, venue:CODE, instrument:VENUE:SYMBOL, strategy:CODE, user:EMAIL, account:ID or "
    "subscription:ID"
)
LARGEST_ID = 2**63 - 1
M = TypeVar("M", bound=Model)


class Target(TypedDict, total=False):
    """At most one of them; none is the whole platform."""

    venue: Venue
    instrument: Instrument
    strategy: Strategy
    user: User
    account: BrokerAccount
    subscription: StrategySubscription


def scope_of(target: Target) -> KillSwitch.Scope:
    """Raises Refused SCOPE_NOT_CLEAR."""
    if len(target) > 1:
        named = " and ".join(target)
        raise Refused("SCOPE_NOT_CLEAR", f"A switch is for one thing, not for {named} at once.")
    return Scope(next(iter(target), Scope.PLATFORM))


def target_named(text: str) -> Target:
    """What one of `SPELLINGS` means. Raises Refused UNKNOWN_SCOPE, or UNKNOWN_ and the scope."""
    kind, _, name = text.partition(":")
    if text == Scope.PLATFORM:
        return {}
    if kind not in _FINDERS:
        raise Refused("UNKNOWN_SCOPE", f"'{text}' is not {SPELLINGS}.")
    finder, absent = _FINDERS[kind]
    found = finder(name)
    if found is None:
        raise Refused(f"UNKNOWN_{kind.upper()}", absent.format(name))
    return {kind: found}  # type: ignore[misc]


def spelling(switch: KillSwitch) -> str:
    """As `target_named` reads it."""
    named = switch.key
    if switch.instrument is not None:
        named = f"{switch.instrument.venue_id}:{switch.instrument.symbol}"
    elif switch.strategy is not None:
        named = switch.strategy.code
    elif switch.user is not None:
        named = switch.user.email
    return switch.scope if named is None else f"{switch.scope}:{named}"


def owner_id(switch: KillSwitch) -> int | None:
    """Whose own switch it is; None of one that concerns many."""
    if switch.account is not None:
        return int(switch.account.user_id)
    if switch.subscription is not None:
        return int(switch.subscription.user_id)
    return None if switch.user_id is None else int(switch.user_id)


def with_id(rows: QuerySet[M], name: str) -> M | None:
    """The row whose id was typed; None also where that is no id at all."""
    if not (name.isascii() and name.isdigit() and int(name) <= LARGEST_ID):
        return None
    return rows.filter(pk=int(name)).first()


def _instrument(name: str) -> Instrument | None:
    venue, _, symbol = name.partition(":")
    return Instrument.objects.filter(venue_id=venue, symbol=symbol).first()


_FINDERS: dict[str, tuple[Callable[[str], Model | None], str]] = {
    Scope.VENUE: (
        lambda name: Venue.objects.filter(pk=name).first(),
        "There is no venue '{}'.",
    ),
    Scope.INSTRUMENT: (
        _instrument,
        "There is no instrument '{}': it is named VENUE:SYMBOL.",
    ),
    Scope.STRATEGY: (
        lambda name: Strategy.objects.filter(code=name).first(),
        "There is no strategy '{}'.",
    ),
    Scope.USER: (
        lambda name: User.objects.filter(email=name.strip().lower()).first(),
        "Nobody has the email address '{}'.",
    ),
    Scope.ACCOUNT: (
        lambda name: with_id(BrokerAccount.objects.all(), name),
        "There is no broker account with the id '{}'.",
    ),
    Scope.SUBSCRIPTION: (
        lambda name: with_id(StrategySubscription.objects.all(), name),
        "There is no subscription with the id '{}'.",
    ),
}
