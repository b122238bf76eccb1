"""What people have sent to live venues within a minute. A paper venue takes any number."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.common.models import Mode
from apps.execution.models import Order
from apps.risk.services import AccountState
from trading.orders import OrderStatus

WINDOW = timedelta(minutes=1)


def messages(states: Mapping[int, AccountState], now: datetime) -> dict[int, int]:
    """By live account: orders that its person has sent to live venues within the window before
    `now` (the wall's), exits and stops included, and those that are about to be; one query."""
    live = people_of_live(states)
    counted = _sent_by(set(live.values()), now) if live else {}
    return {pk: counted.get(user, 0) for pk, user in live.items()}


def people_of_live(states: Mapping[int, AccountState]) -> dict[int, int]:
    """The people of the live accounts among them."""
    return {pk: state.user_id for pk, state in states.items() if state.mode == Mode.LIVE}


def _sent_by(user_ids: Collection[int], now: datetime) -> dict[int, int]:
    since = now - WINDOW
    about_to_be = Q(status=OrderStatus.PENDING, held_by_us=False, created_at__gt=since)
    rows = Order.objects.filter(
        Q(submitted_at__gt=since) | about_to_be, user_id__any_of=user_ids, mode=Mode.LIVE
    )
    return dict(rows.order_by().values_list("user_id").annotate(Count("pk")))
