from apps.events.services.recording import Fact, record, record_many
from apps.events.services.relay import ReceiverAway

__all__ = ["Fact", "ReceiverAway", "record", "record_many"]
