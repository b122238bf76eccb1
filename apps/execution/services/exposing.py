"""How much of all equity is in positions, over all accounts of a mode."""

import logging
from collections import defaultdict
from collections.abc import Container, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from apps.brokers.models import BrokerAccount
from apps.common import db, metrics
from apps.common.models import Mode
from apps.execution.equities import equities
from apps.execution.models import Position
from apps.execution.services import halting
from apps.market import selectors as market
from apps.market.models import MarketClock
from apps.risk.services import Found
from trading.gates.triggers import OF_EVIDENCE, TriggerCause, trigger
from trading.gates.values import text
from trading.money import ZERO

logger = logging.getLogger(__name__)
MODES = {Mode.LIVE: "AUTOMATIC_EXPOSURE_LIVE", Mode.PAPER: "AUTOMATIC_EXPOSURE_PAPER"}
_RULE = OF_EVIDENCE[TriggerCause.PLATFORM_EXPOSURE]


@db.durable
def watch_exposure(now: datetime) -> int:
    """Trip the platform where the share of a mode has reached its limit; how many switches are
    new. A mode without a limit is not measured. `now` is the wall's.

    Each currency is held against the limit by itself: nobody tells what one is worth in another.
    An account of which a price is missing counts neither way.
    """
    found = []
    for mode, setting in MODES.items():
        most: Decimal = settings.AUTOMATIC[setting]
        if most:
            for currency, share in exposures(mode).items():
                metrics.PLATFORM_EXPOSURE.labels(mode, currency).set(float(share))
                if share >= most:
                    found.append(Found(trigger(_RULE, text(round(share, 4)), text(most)), None))
                elif 0 < settings.AUTOMATIC["AUTOMATIC_EXPOSURE_ALERT"] <= share:
                    logger.warning("%s of the %s equity of %s is exposed", share, mode, currency)
    return halting.trip_found(found, clock=None, at=now) if found else 0


def exposures(mode: Mode) -> dict[str, Decimal]:
    """By the accounts' currency; one in which nobody has any equity is absent."""
    equity: dict[str, Decimal] = defaultdict(lambda: ZERO)
    worth: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for venue, at in MarketClock.objects.values_list("venue_id", "now"):
        accounts = BrokerAccount.objects.filter(venue_id=venue, mode=mode)
        currency = dict(accounts.values_list("pk", "currency"))
        there: dict[str, Any] = {"mode": mode, "account__venue_id": venue}
        known = {account.id: amount for account, amount in equities(at, **there)}
        for account, amount in known.items():
            equity[currency[account]] += amount
        for account, amount in _worth(at, known, there).items():
            worth[currency[account]] += amount
    return {each: worth[each] / total for each, total in equity.items() if total > 0}


def _worth(at: datetime, known: Container[int], accounts: Mapping[str, str]) -> dict[int, Decimal]:
    rows = Position.objects.filter(**accounts).exclude(quantity=0)
    held = list(rows.values_list("account_id", "instrument_id", "quantity"))
    instruments = sorted({instrument for _, instrument, _ in held})
    prices = market.latest_prices(instruments, at) if instruments else {}
    worth: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for account, instrument, quantity in held:
        if account in known:
            worth[account] += abs(quantity) * prices[instrument]
    return worth
