"""A venue of one instrument and many people, each signed in."""

import itertools
from collections.abc import Callable
from datetime import datetime

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.accounts.models import User
from apps.common import db
from apps.events import services as events
from apps.market.models import MarketClock
from benchmarks.streaming.stock import GROUP
from tests import fakes
from tests.streams.web import cookie_of


class World:
    """Tells something, by its number, and returns the name under which clients hear of it."""

    def __init__(self, people: int) -> None:
        self.venue = fakes.venue("bench")
        self.instrument = fakes.instrument(self.venue)
        self.moment = fakes.MONDAY
        self.people = User.objects.bulk_create(
            [User(email=f"n{number}@bench.example") for number in range(people)]
        )
        self.cookies = [cookie_of(user) for user in self.people]

    def close(self, number: int) -> str:
        """A candle closes: everybody is told its prices."""
        self.moment = fakes.write(self.instrument, ["100"], self.moment)
        MarketClock.objects.filter(venue=self.venue).update(now=self.moment)
        _record("candles.closed", None, self.moment, venue=self.venue.code)
        return self.moment.isoformat()

    def one_by_one(self) -> Callable[[int], str]:
        """A fact of one user after the other."""
        turns = itertools.cycle(self.people)

        def tell(number: int) -> str:
            _record("money.deposited", next(turns).pk, fakes.MONDAY, name=str(number))
            return str(number)

        return tell

    def group(self, number: int) -> str:
        """A message to the group of stock channels, of about the same length."""
        content = {"type": "x", "time": number, "padding": "x" * 200}
        message = {"type": "tell", "content": content}
        async_to_sync(get_channel_layer().group_send)(GROUP, message)
        return str(number)


@db.transaction
def _record(kind: str, user_id: int | None, at: datetime, **payload: object) -> None:
    events.record_many([events.Fact(kind, user_id, at, payload)])
