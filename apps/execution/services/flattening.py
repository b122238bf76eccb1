"""Positions closed at market on somebody's word: any number of them, a chunk at a time. Each chunk
is committed, so whoever is killed in between is followed by another who does the rest; what is
leaving already is left alone, so to say it again changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial, reduce
from typing import NamedTuple, cast

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from apps.common import db
from apps.common.apart import each_apart
from apps.common.errors import Refused
from apps.execution.models import Exit, Order, Position
from apps.execution.protected import is_stuck, rules_of
from apps.execution.services.accounts import free_first, lock_free
from apps.execution.services.leaving import (
    A_SIGNAL,
    ITS_STOP,
    SWITCH_RESET,
    Held,
    Leaving,
    leaving_whole,
    stay_out,
    want_too,
    write_exits,
)
from apps.market import selectors as market
from apps.risk.models import TARGETS
from apps.risk.scopes import SPELLINGS, target_named, with_id
from apps.risk.selectors import COLUMNS, PLATFORM
from trading.exit_policy import MOST_ATTEMPTS, rest_after
from trading.exits import ExitReason
from trading.orders import OPEN, Leg, OrderStatus

CHUNK = 500
SCOPES = (*TARGETS, "position")
"""Of what positions can be closed together, below the platform."""


class Flattened(NamedTuple):
    """`exits` were written now; `leaving` had one on its way. `resting`: the venue has not filled
    several, and the next one waits for its time. `dust` is less than it takes.
    """

    exits: int = 0
    leaving: int = 0
    resting: int = 0
    dust: int = 0

    def plus(self, other: "Flattened") -> "Flattened":
        return Flattened(*(mine + its for mine, its in zip(self, other, strict=True)))

    def __str__(self) -> str:
        said = f"Exits written: {self.exits}; on their way already: {self.leaving}"
        if self.resting:
            said += f"; resting after {MOST_ATTEMPTS} attempts or more: {self.resting}"
        return f"{said}; too small to be sold: {self.dust}." if self.dust else f"{said}."


class Tried(NamedTuple):
    """The exits for one cause in the round trip that is open. `failed`: but for those that were
    withdrawn with their switch."""

    attempts: int
    failed: int
    is_waiting: bool  # one has been written at this very moment, or its order has not ended
    last: datetime

    def and_one(self, decided_at: datetime, status: str, reason: str, now: datetime) -> "Tried":
        if reason == SWITCH_RESET:
            return self._replace(attempts=self.attempts + 1)
        is_waiting = OrderStatus(status) in OPEN or decided_at >= now
        return Tried(
            self.attempts + 1,
            self.failed + 1,
            self.is_waiting or is_waiting,
            max(self.last, decided_at),
        )

    def is_resting(self, now: datetime) -> bool:
        return now - self.last < rest_after(self.failed)


class Word(NamedTuple):
    """Why and on whose word positions of a venue are closed, and what its clock says then."""

    cause: ExitReason
    by: str
    venue: str
    now: datetime

    def begins(self) -> datetime:
        """From when on its exits fill. To be asked under the locks: who closes by hand may have
        waited for them."""
        if self.cause is not ExitReason.MANUAL:
            return self.now
        return max(self.now, market.acting_at(self.venue, timezone.now()))


def flatten(
    positions: QuerySet[Position],
    cause: ExitReason,
    *,
    by: str = "",
    now: datetime | None = None,
    waits: bool = True,
    still: Callable[[], Q] = Q,
) -> Flattened:
    """Write an exit of all that is held of each of these positions. `by` is kept; empty = the
    platform. `now` is the time at their venue; None = what its clock says. Exits leave in every
    trading state, and no gate is asked. What is closed by hand meets no candle that had opened
    before. It is not entered again so soon, and not turned either, where it was leaving already.

    A position whose account somebody else is at is waited for when all others are done; or not at
    all, where the caller comes again (`waits` off). `still` is asked once more in the transaction
    of each chunk, before any lock of an account is taken: only of what it says.
    """

    def leave_venue(venue: str, accounts: Mapping[int, int]) -> Flattened:
        moment = market.market_now(venue) if now is None else now
        leave = partial(_flatten_chunk, word=Word(cause, by, venue, moment), still=still)
        if waits:
            return reduce(Flattened.plus, free_first(accounts, CHUNK, leave), Flattened())
        ids = list(accounts)
        chunks = (leave(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK))
        return reduce(Flattened.plus, (done for done, _ in chunks), Flattened())

    venues = [partial(leave_venue, *each) for each in _by_venue(positions)]
    return reduce(Flattened.plus, each_apart(venues), Flattened())


def positions_named(scope: str) -> QuerySet[Position]:
    """The open positions of what a switch could be for, or of `position:ID`. Raises Refused
    UNKNOWN_SCOPE, or UNKNOWN_ and the scope: who misspells it is not told that all are closed."""
    open_now = Position.objects.exclude(quantity=0)
    kind, _, name = scope.partition(":")
    if kind == "position":
        one = with_id(Position.objects.all(), name)
        if one is None:
            raise Refused("UNKNOWN_POSITION", f"There is no position with the id '{name}'.")
        return open_now.filter(pk=one.pk)
    if kind not in TARGETS and scope != PLATFORM:
        raise Refused("UNKNOWN_SCOPE", f"'{scope}' is not position:ID, {SPELLINGS}.")
    named = cast("dict[str, Model]", target_named(scope))
    return open_now.filter(*((COLUMNS[kind], row.pk) for kind, row in named.items()))


@db.transaction
def _flatten_chunk(
    ids: Sequence[int], word: Word, still: Callable[[], Q]
) -> tuple[Flattened, list[int]]:
    """With the positions whose accounts somebody else is at."""
    cause, by, _, now = word
    wanted = Position.objects.filter(still(), pk__any_of=ids)
    accounts = dict(wanted.values_list("pk", "account_id"))
    free = lock_free(accounts.values())
    rows = wanted.filter(account_id__any_of=free)
    # Read under the locks: no more is asked for than is held.
    columns = (*Held._fields, "cost")
    open_now = list(rows.exclude(quantity=0).order_by("id").values_list(*columns))
    held = [Held(*row[:-1]) for row in open_now]
    costs = {row[0]: row[-1] for row in open_now}
    leaving = leaving_whole(held)
    tried = _tried(held, cause, now)
    rules = rules_of({each.instrument_id for each in held})
    going, on_their_way, counts = [], [], {"exits": 0, "leaving": 0, "resting": 0, "dust": 0}
    for each in held:
        before = tried.get(each.id, Tried(0, 0, is_waiting=False, last=now))
        if each.key in leaving or before.is_waiting:
            counts["leaving"] += 1
            on_their_way.append(each)
        elif before.is_resting(now):
            counts["resting"] += 1
        elif is_stuck(each.mode, each.quantity, costs[each.id], rules[each.instrument_id]):
            counts["dust"] += 1
        else:
            counts["exits"] += 1
            going.append(Leaving(each, abs(each.quantity), cause, attempt=before.attempts, by=by))
    if cause is not ExitReason.LIQUIDATION:
        want_too(leaving, by or (A_SIGNAL if cause is ExitReason.SIGNAL else ITS_STOP))
    begins = word.begins()
    write_exits(going, now, begins)
    if cause is ExitReason.MANUAL:
        stay_out([*on_their_way, *(each.held for each in going)], now, begins)
    return Flattened(**counts), [pk for pk in ids if pk in accounts and accounts[pk] not in free]


def _tried(held: Sequence[Held], cause: ExitReason, now: datetime) -> dict[int, Tried]:
    sequences = {each.id: each.trade_sequence for each in held}
    # Level 0: the others are of stops that were written again, and of the rungs of ladders.
    exits = Exit.objects.filter(position_id__any_of=set(sequences), cause=cause, level=0)
    orders = Order.objects.filter(exit__in=exits, leg=Leg.EXIT)
    rows = orders.values_list("exit_id", "status", "reason")
    came_to = {pk: (status, reason) for pk, status, reason in rows}
    found: dict[int, Tried] = {}
    for pk, position, sequence, decided_at in exits.values_list(
        "pk", "position_id", "sequence", "decided_at"
    ):
        if sequences[position] != sequence:
            continue
        before = found.get(position, Tried(0, 0, is_waiting=False, last=decided_at))
        found[position] = before.and_one(decided_at, *came_to[pk], now)
    return found


def _by_venue(positions: QuerySet[Position]) -> Iterator[tuple[str, dict[int, int]]]:
    """The positions that are open and their accounts, those of one account together."""
    rows = positions.exclude(quantity=0).order_by("account_id", "id")
    found: dict[str, dict[int, int]] = {}
    for pk, account, venue in rows.values_list("pk", "account_id", "instrument__venue_id"):
        found.setdefault(venue, {})[pk] = account
    yield from sorted(found.items())
