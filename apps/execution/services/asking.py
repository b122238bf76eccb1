"""What is put to whom: the signals of one version and moment."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import NamedTuple

from apps.execution.services.markets import Around
from apps.execution.services.placing import Terms


class Asking(NamedTuple):
    """Signals of one version and moment, and whom each is put to: terms, what surrounds them and
    the ids of subscriptions, all by signal. `in_turn`: the candle after that moment has not been
    taken yet. `placed_at`: when somebody said it, where no strategy did."""

    terms: Mapping[int, Terms]
    around: Mapping[int, Around]
    expected: Mapping[int, Set[int]]
    close_time: datetime
    in_turn: bool = False
    placed_at: datetime | None = None

    @property
    def venue(self) -> str:
        return next(iter(self.terms.values())).signal.instrument.venue_id
