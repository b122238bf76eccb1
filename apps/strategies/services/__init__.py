from apps.strategies.services.by_hand import record_by_hand, subscription_by_hand, version_by_hand
from apps.strategies.services.catalogue import create_version, register_strategies
from apps.strategies.services.replaying import replay
from apps.strategies.services.running import (
    look_and_record,
    mark_decided,
    note_failing,
    record_missed,
    reopen,
)
from apps.strategies.services.subscribing import (
    end,
    pause,
    resume,
    set_execution,
    subscribe,
)

__all__ = [
    "create_version",
    "end",
    "look_and_record",
    "mark_decided",
    "note_failing",
    "pause",
    "record_by_hand",
    "record_missed",
    "register_strategies",
    "reopen",
    "replay",
    "resume",
    "set_execution",
    "subscribe",
    "subscription_by_hand",
    "version_by_hand",
]
