"""What follows what: for every kind of event that is recorded, who is told of it by the relay.

A reaction takes the events of a batch that name it, in their sequence. It may see one twice.
"""

from apps.dashboard import stream
from apps.events.services.relay import Reaction
from apps.execution.services import cancelling

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "approval.answered": (stream.publish_events,),
    "approval.needed": (stream.publish_events,),
    "backtest.finished": (stream.publish_events,),
    "backtest.progressed": (stream.publish_events,),
    "backtest.queued": (stream.publish_events,),
    "backtest.started": (stream.publish_events,),
    "candles.closed": (stream.publish_prices,),
    "candles.passed_over": (stream.publish_prices,),  # and for staff, in the list of events
    "certificate.issued": (),  # kept for the audit, as what follows it
    "certificate.revoked": (),
    "consent.given": (stream.publish_events,),
    "consent.withdrawn": (stream.publish_events,),
    "decision.made": (stream.publish_events,),
    "fill.recorded": (stream.publish_events,),
    "funding.charged": (stream.publish_events,),
    "kill_switch.drained": (stream.publish_events,),
    "kill_switch.reset": (stream.publish_events, stream.publish_trading_state),
    "kill_switch.tripped": (stream.publish_events, stream.publish_trading_state),
    "money.deposited": (stream.publish_events,),
    "order.met_late": (stream.publish_events,),
    "order.stuck": (stream.publish_events,),
    "position.naked": (stream.publish_events,),
    "run.reopened": (),  # kept for the audit; nobody waits for it
    "subscription.ended": (cancelling.cancel_as_told, stream.publish_events),
    "subscription.execution_set": (stream.publish_events,),
    "subscription.paused": (cancelling.cancel_as_told, stream.publish_events),
    "subscription.resumed": (stream.publish_events,),
    "subscription.started": (stream.publish_events,),
}
