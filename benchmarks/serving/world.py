"""People with open positions, stops and targets beside them, and a history; each signed in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import connection

from apps.accounts import tokens
from apps.accounts.models import TokenSession, User
from apps.events.services import relay
from apps.execution.models import Order, Position, Trade
from apps.execution.selectors import holes, ledger_differences
from benchmarks.stage.people import populate
from tests import fakes
from trading.orders import OPEN, Leg

SYMBOLS = ("BTC-USD", "ETH-USD", "SOL-USD", "ADA-USD", "DOT-USD")
TRADES = 60  # of each person: more than a page
CAPITAL = Decimal(25_000)  # at a risk of 0.2 % each order is worth 2.5 % of the account
UP = "107"  # every target is reached
LAST = "103"


class World:
    """Everybody has gone once in and out of five instruments, and in again, through the pipeline.
    Their older trades are those again, further back, so that the history has more than a page.
    """

    def __init__(self, people: int) -> None:
        self.venue = fakes.venue("bench")
        self.instruments = [fakes.instrument(self.venue, symbol) for symbol in SYMBOLS]
        version = fakes.version(
            self.instruments, capital=CAPITAL, risk_per_trade="0.002", max_positions=9
        )
        populate(self.venue.code, version.pk, people, fakes.MONDAY)
        self._moment = fakes.MONDAY
        for price in (*fakes.QUIET, fakes.JUMP, fakes.JUMP, UP, *fakes.QUIET, fakes.JUMP, LAST):
            self._close(price)
        self._prove(people)
        _copy_back(TRADES // len(SYMBOLS) - 1)
        relay.relay()
        self._sessions = _signed_in()

    def tokens(self) -> list[str]:
        """A new access token of each: they are good for minutes, a run takes longer."""
        return [tokens.issued(one.pk, one.user_id, one.refresh_id).access for one in self._sessions]

    def _close(self, price: str) -> None:
        first = self._moment
        for instrument in self.instruments:
            self._moment = fakes.write(instrument, [price], first)
        fakes.close(self.venue, self._moment)

    def _prove(self, people: int) -> None:
        each = people * len(SYMBOLS)
        assert Position.objects.exclude(quantity=0).count() == each
        assert Trade.objects.count() == each
        standing = Order.objects.filter(status__in=sorted(OPEN), leg__in=[Leg.STOP, Leg.TARGET])
        assert standing.count() == 2 * each
        assert not holes()
        assert not list(ledger_differences())


def _copy_back(times: int) -> None:
    fields = Trade._meta.concrete_fields
    names = [str(field.column) for field in fields if not field.primary_key]
    further = {
        "sequence": "sequence + 1000 + ago",
        "pnl": "pnl - ago / 7.0",
        "opened_at": "opened_at - ago * interval '1 hour'",
        "closed_at": "closed_at - ago * interval '1 hour'",
    }
    values = ", ".join(further.get(name, name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO execution_trade ({', '.join(names)}) SELECT {values} "
            "FROM execution_trade, generate_series(1, %s) AS ago ORDER BY ago DESC, id",
            [times],
        )
        cursor.execute("VACUUM (ANALYZE)")


def _signed_in() -> list[TokenSession]:
    now = datetime.now(UTC)
    return TokenSession.objects.bulk_create(
        TokenSession(
            user=user,
            refresh_id=uuid4().hex,
            auth_hash=user.get_session_auth_hash(),
            refreshed_at=now,
            expires_at=now + timedelta(days=1),
        )
        for user in User.objects.order_by("pk")
    )
