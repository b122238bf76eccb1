"""Orders of the last seconds: what somebody types twice is most likely meant once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from apps.execution.models import Order
from apps.execution.services.placing import Terms
from apps.strategies.models import Signal
from trading.gates.risk_facts import NOT_PROVIDED, Told

WINDOW = timedelta(seconds=10)


class Repetitions(NamedTuple):
    """How many there are, by user, instrument, side and quantity."""

    counts: Mapping[tuple[int, int, str, Decimal], int]

    def of(self, terms: Terms, user: int) -> Told[int]:
        """Asked about what is typed only: strategies may say the same of many subscriptions."""
        signal, asked = terms.signal, terms.asked
        if signal.wanted is None:
            return NOT_PROVIDED
        quantity = asked.rules.quantity_down(signal.wanted)
        return self.counts.get((user, asked.instrument, asked.action.side.value, quantity), 0)


def repetitions(signals: Sequence[Signal], user_ids: Collection[int], now: datetime) -> Repetitions:
    """Of these people, in the instruments of what is typed; `now` is the wall's clock."""
    instruments = {signal.instrument_id for signal in signals if signal.wanted is not None}
    if not instruments:
        return Repetitions({})
    rows = Order.objects.filter(
        user_id__any_of=set(user_ids),
        instrument_id__any_of=instruments,
        created_at__gt=now - WINDOW,
    )
    return Repetitions(Counter(rows.values_list("user_id", "instrument_id", "side", "quantity")))
