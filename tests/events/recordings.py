from apps.accounts.models import User
from apps.common import db
from apps.events import services as events
from apps.events.models import Event
from tests.fakes import MONDAY

PAYLOADS: dict[str, dict[str, object]] = {
    "candles.closed": {"venue": "lab"},
    "money.deposited": {"account": 0, "currency": "USD", "amount": "1"},
}


@db.transaction
def record(user: User | None, count: int = 1, **payload: object) -> None:
    """Events of a user, or of the platform, in one transaction."""
    kind = "candles.closed" if user is None else "money.deposited"
    user_id = None if user is None else user.pk
    events.record_many(
        [
            events.Fact(kind, user_id, MONDAY, {**PAYLOADS[kind], "number": number, **payload})
            for number in range(count)
        ]
    )


def sequences(user: User | None) -> list[int | None]:
    chain = Event.objects.filter(user=user).order_by("sequence")
    return list(chain.values_list("sequence", flat=True))
