"""Orders of the last seconds: what somebody types twice is most likely meant once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from apps.execution.models import Order
from apps.execution.services.placing import Terms
from apps.execution.services.subscribers import Subscriber
from apps.strategies.models import Signal
from trading.gates.risk_facts import NOT_PROVIDED, Told
from trading.orders import Leg

WINDOW = timedelta(seconds=10)


class Repetitions(NamedTuple):
    """How many there are, by user, mode, instrument, side and quantity."""

    counts: Mapping[tuple[int, str, int, str, Decimal], int]

    def of(self, terms: Terms, subscriber: Subscriber) -> Told[int]:
        """Asked about what is typed only: strategies may say the same of many subscriptions."""
        signal, asked = terms.signal, terms.asked
        if signal.wanted is None:
            return NOT_PROVIDED
        quantity = asked.rules.quantity_down(signal.wanted)
        side = asked.action.side.value
        key = subscriber.user_id, subscriber.mode, asked.instrument, side, quantity
        return self.counts.get(key, 0)


def repetitions(signals: Sequence[Signal], user_ids: Collection[int], now: datetime) -> Repetitions:
    """What these people have ordered by hand, in the instruments of what is typed, on whichever of
    their accounts; `now` is the wall's clock. What a strategy or a stop orders repeats nothing."""
    instruments = {signal.instrument_id for signal in signals if signal.wanted is not None}
    if not instruments:
        return Repetitions({})
    rows = Order.objects.filter(
        user_id__any_of=set(user_ids),
        instrument_id__any_of=instruments,
        created_at__gt=now - WINDOW,
        decision__signal__source=Signal.Source.MANUAL,
        leg__in=[Leg.ENTRY, Leg.EXIT],
    )
    key = ("user_id", "mode", "instrument_id", "side", "quantity")
    return Repetitions(Counter(rows.values_list(*key)))
