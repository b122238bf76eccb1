"""What nobody goes live without, whatever they have earned on paper."""

from datetime import datetime
from typing import Any

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.selectors import consent_to
from apps.brokers.selectors import verified_live_account
from apps.strategies.models import StrategyVersion
from apps.strategies.selectors import valid_certificate
from apps.subscriptions.selectors import entitlements
from trading.readiness import Fact, Needs


def needs(user: Any, version: StrategyVersion, now: datetime) -> Needs:
    """Of this person with this version; `now` is the wall clock's."""
    return Needs(
        consent=_consent(user),
        plan=_plan(user, now),
        account=_account(user, version),
        certificate=_certificate(version, now),
    )


def _consent(user: Any) -> Fact:
    found = consent_to(user, LIVE_TRADING)
    if found is None:
        return Fact(holds=False, said="not given")
    return Fact(holds=True, said=f"given on {found.given_at:%Y-%m-%d}")


def _plan(user: Any, now: datetime) -> Fact:
    granted = entitlements(user, now)
    overdue = ", payment overdue" if granted.is_overdue else ""
    return Fact(granted.allows_live and not granted.is_overdue, f"{granted.name}{overdue}")


def _account(user: Any, version: StrategyVersion) -> Fact:
    """Where the version trades: what is verified elsewhere is of no use to it."""
    found = verified_live_account(user, version.instruments.values("venue"))
    return Fact(found is not None, "none" if found is None else found.name)


def _certificate(version: StrategyVersion, now: datetime) -> Fact:
    found = valid_certificate(version, now)
    if found is None:
        return Fact(holds=False, said="none that is valid")
    return Fact(holds=True, said=f"valid until {found.valid_until:%Y-%m-%d}")
