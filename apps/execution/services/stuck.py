"""Orders that a venue leaves without an answer: their owner hears of it, then the account stops."""

import logging
import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.common import db, metrics
from apps.events import services as events
from apps.execution.models import Order, OrderEvent
from apps.execution.rows import OrderRow, read_orders
from apps.execution.services import halting
from apps.execution.services.clocks import by_clock
from apps.execution.services.orders import Step, write_steps
from apps.risk.services import Found
from trading.gates.triggers import OF_EVIDENCE, TriggerCause, trigger
from trading.gates.values import text
from trading.orders import OrderStatus

logger = logging.getLogger(__name__)
STUCK = "STUCK"
# We have asked for something, and wait.
UNANSWERED = (OrderStatus.SUBMITTED, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE)
MINUTE = timedelta(minutes=1)
_RULE = OF_EVIDENCE[TriggerCause.STUCK_ORDERS]


@db.durable
def watch_unanswered(now: datetime) -> int:
    """Tell of each order once, and trip the accounts of those that have waited for too long; how
    many switches are new. `now` is the wall's: it is we who wait, whatever time it is there."""
    waiting = _waiting(now)
    metrics.UNANSWERED_MINUTES.set(max(waiting.values(), default=0))
    alert, most = _minutes("ALERT_"), _minutes("")
    _tell_once({pk: minutes for pk, minutes in waiting.items() if 0 < alert < minutes})
    late = {pk: minutes for pk, minutes in waiting.items() if 0 < most < minutes}
    if not late:
        return 0
    rows = Order.objects.filter(pk__any_of=set(late)).values_list("pk", "account_id")
    found = [
        Found(trigger(_RULE, str(late[pk]), text(most)), account)
        for pk, account in sorted(rows, key=lambda row: (-late[row[0]], row))
    ]
    return halting.trip_found(found, clock=None, at=now)


def _minutes(which: str) -> int:
    return int(settings.AUTOMATIC[f"AUTOMATIC_STUCK_{which}MINUTES"])


def _waiting(now: datetime) -> dict[int, int]:
    """For how many minutes, begun ones included, each order has had no answer, from one on: since
    it last became what it is."""
    became = OrderEvent.objects.filter(order=OuterRef("pk"), new_status=OuterRef("status"))
    last = became.exclude(old_status=F("new_status")).order_by("-pk").values("recorded_at")[:1]
    rows = (
        Order.objects.filter(status__in=UNANSWERED, submitted_at__lt=now - MINUTE)
        .annotate(since=Coalesce(Subquery(last), "submitted_at"))
        .filter(since__lt=now - MINUTE)
    )
    return {pk: math.ceil((now - since) / MINUTE) for pk, since in rows.values_list("pk", "since")}


@db.transaction
def _tell_once(late: Mapping[int, int]) -> None:
    if not late:
        return
    orders = read_orders(pk__any_of=sorted(late), status__in=UNANSWERED)  # locks them
    told = set(
        OrderEvent.objects.filter(order_id__any_of=[order.id for order in orders], reason=STUCK)
        .filter(old_status=F("new_status"))
        .values_list("order_id", flat=True)
    )
    fresh = [order for order in orders if order.id not in told]
    for now, theirs in by_clock(fresh):
        write_steps([Step(each.id, each.status, each.status, STUCK) for each in theirs], now)
        events.record_many([_fact(each, late[each.id], now) for each in theirs])
        for each in theirs:
            logger.warning("order %s has had no answer for %s minutes", each.id, late[each.id])


def _fact(order: OrderRow, minutes: int, now: datetime) -> events.Fact:
    payload = {**order.named(), "minutes": minutes}
    return events.Fact("order.stuck", order.user_id, now, payload)
