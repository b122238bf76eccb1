from apps.execution.models.approvals import Approval
from apps.execution.models.books import Balance, JournalEntry, Posting, Reservation
from apps.execution.models.orders import Fill, Order, OrderEvent
from apps.execution.models.positions import Exit, Funding, Position, Trade
from apps.execution.models.spells import NakedSpell, PriceWatch

__all__ = [
    "Approval",
    "Balance",
    "Exit",
    "Fill",
    "Funding",
    "JournalEntry",
    "NakedSpell",
    "Order",
    "OrderEvent",
    "Position",
    "Posting",
    "PriceWatch",
    "Reservation",
    "Trade",
]
