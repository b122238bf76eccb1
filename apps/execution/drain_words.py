"""How far a drain has come, in words."""

from apps.execution.services import drains
from apps.execution.services.drains import Progress
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState
from trading.orders import OrderStatus


def in_words(found: Progress) -> str:
    said = (
        f"Entries to cancel: {found.orders}; cancelled: {found.cancelled}; filled: {found.filled}; "
        f"ended otherwise: {found.ended_otherwise}; still working: {found.working}. "
    )
    if found.state is TradingState.LIQUIDATING:
        said += f"Positions to close: {found.positions}; not flat: {found.not_flat}"
        said += f"; too small to be sold: {found.dust}. " if found.dust else ". "
    worth = ", ".join(f"{amount:,.2f} {code}" for code, amount in found.exposure.items())
    said += f"Open positions: {found.open_positions}" + (f" worth {worth}. " if worth else ". ")
    return said + ("Done." if found.is_done else "Not done.")


def in_words_of(switch: KillSwitch) -> str:
    """What stands is measured; what was reset has nothing to do with what is held or ordered now,
    so only what came of its orders is told."""
    if switch.reset_at is None:
        return in_words(drains.progress(switch))
    noted, ended = len(switch.order_ids), drains.ended_of(switch.order_ids)
    cancelled, filled = ended[OrderStatus.CANCELED], ended[OrderStatus.FILLED]
    said = (
        f"Entries it had to cancel: {noted}; cancelled: {cancelled}; filled: {filled}; "
        f"ended otherwise: {ended.total() - cancelled - filled}; "
        f"not ended: {noted - ended.total()}. "
    )
    if switch.state == TradingState.LIQUIDATING:
        said += f"Positions it had to close: {len(switch.position_ids)}. "
    if switch.drained_at is None:
        return f"{said}It was reset before it was done."
    return f"{said}Done at {switch.drained_at:%Y-%m-%d %H:%M:%S} UTC."


def withdrawn_in_words(exits: int) -> str:
    """Of a reset; nothing where it had nothing to take back."""
    return f"Exits of it that had not been filled, withdrawn: {exits}." if exits else ""
