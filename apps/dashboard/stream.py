"""From the relay to the web processes: reactions to events (nija/reactions.py).

A message reaches each process once, by the one member that its hub has in the group; whom it
concerns is found there, in memory (apps/dashboard/hub.py). Frames are made here, once for all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from apps.dashboard import frames
from apps.dashboard.topics import POSITIONS
from apps.events.models import Event
from apps.events.services import ReceiverAway
from apps.market import selectors as market
from apps.risk import selectors as risk
from apps.risk.models import KillSwitch
from apps.strategies.models import StrategySubscription

GROUP = "streams"
EVENTS_A_MESSAGE = 500
CLOSES_A_ROUND = 20  # of a venue; after a long silence the older ones are history, not news

Message = dict[str, Any]
"""{"type": "events", "events": [[user, sequence, frame], …]}, or an unsequenced frame:
{"type": "frame", "users": [user, …] | None for everybody, "topic": of which stream | "" for all,
"frame": frame}.
"""


def publish_events(events: Sequence[Event]) -> None:
    """Each tenant's events to the tenant. Raises ReceiverAway."""
    told = [
        (event.user_id, event.sequence, frames.event_frame(event))
        for event in events
        if event.user_id is not None
    ]
    parts = (told[at : at + EVENTS_A_MESSAGE] for at in range(0, len(told), EVENTS_A_MESSAGE))
    _send({"type": "events", "events": part} for part in parts)


def publish_prices(closes: Sequence[Event]) -> None:
    """The candles of each venue that closed, to everybody. Raises ReceiverAway."""
    by_venue = sorted(closes, key=_venue)
    for venue, told in groupby(by_venue, key=_venue):
        moments = sorted({close.happened_at for close in told})[-CLOSES_A_ROUND:]
        priced = _price_frames(venue, moments)
        _send(_frame(frame, topic=POSITIONS.name) for frame in priced)


def publish_trading_state(switches: Sequence[Event]) -> None:
    """Switches that are nobody's own: the platform's to everybody, the others to whom they concern.

    Tells what holds now, not what the event says: told late or twice, it is still true. A user's
    own switch is in the user's chain. Raises ReceiverAway.
    """
    ids = {event.payload["switch"] for event in switches if event.user_id is None}
    tripped = KillSwitch.objects.filter(pk__in=ids).select_related("strategy", "instrument")
    states = risk.trading_states()
    messages = []
    for scope, key, switch in sorted(_by_target(tripped).values(), key=lambda found: found[2].pk):
        state = states.at(scope, key)
        if switch.strategy is not None:
            frame = frames.strategy_frame(switch.strategy.code, state)
            messages.append(_frame(frame, _running(version__strategy=key)))
        elif switch.instrument is not None:
            at = switch.instrument
            frame = frames.instrument_frame(at.venue_id, at.symbol, state)
            messages.append(_frame(frame, _running(account__venue=at.venue_id)))
        elif switch.venue_id is not None:
            frame = frames.venue_frame(switch.venue_id, state)
            messages.append(_frame(frame, _running(account__venue=key)))
        else:
            messages.append(_frame(frames.platform_frame(state)))
    _send(messages)


def _by_target(
    switches: Iterable[KillSwitch],
) -> dict[tuple[str, risk.Key], tuple[str, risk.Key, KillSwitch]]:
    """One of each: they are told by what holds now."""
    return {(one.scope, one.key): (one.scope, one.key, one) for one in switches}


def _running(**of: Any) -> list[int]:
    """The people who have a running subscription there."""
    running = StrategySubscription.objects.filter(**of, ended_at=None)
    return list(running.order_by("user_id").values_list("user_id", flat=True).distinct())


def _venue(close: Event) -> str:
    return str(close.payload["venue"])


def _price_frames(venue: str, moments: Sequence[datetime]) -> Iterable[str]:
    timeframe = market.finest(venue)
    symbols = {instrument.pk: instrument.symbol for instrument in market.instruments(venue)}
    for moment in moments:
        found = market.candles_closing_at(list(symbols), timeframe, moment)
        if found:
            candles = {symbols[pk]: candle for pk, candle in found.items()}
            yield frames.prices_frame(venue, moment, timeframe, candles)


def _frame(frame: str, users: list[int] | None = None, *, topic: str = "") -> Message:
    return {"type": "frame", "users": users, "topic": topic, "frame": frame}


def _send(messages: Iterable[Message]) -> None:
    waiting = list(messages)
    if not waiting:
        return
    try:
        async_to_sync(_send_all)(waiting)
    except (RedisError, OSError) as error:
        raise ReceiverAway(f"the streams cannot be reached: {error}") from error


async def _send_all(messages: Sequence[Message]) -> None:
    layer = get_channel_layer()
    for message in messages:
        await layer.group_send(GROUP, message)
