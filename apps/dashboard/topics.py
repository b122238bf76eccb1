"""The streams that there are: what each begins with, and what it tells beside a user's events."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.accounts.models import User
from apps.dashboard import frames
from apps.dashboard.selectors.dealings import open_orders, read_dealings
from apps.dashboard.selectors.snapshot import read_snapshot


@dataclass(frozen=True, slots=True)
class Topic:
    """`beginning` gives the snapshot and its sequence. `standing` gives what no event tells; it is
    asked again whenever something has happened, and sent when it has changed.
    """

    name: str
    beginning: Callable[[User], tuple[int, str]]
    standing: Callable[[User], str] | None = None


def _holdings(user: User) -> tuple[int, str]:
    snapshot = read_snapshot(user)
    return snapshot.sequence, frames.snapshot_frame(snapshot)


def _dealings(user: User) -> tuple[int, str]:
    dealings = read_dealings(user)
    return dealings.sequence, frames.dealings_frame(dealings)


def _orders(user: User) -> str:
    return frames.orders_frame(open_orders(user))


POSITIONS = Topic("positions", _holdings)
TRADES = Topic("trades", _dealings, _orders)
