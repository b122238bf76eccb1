"""How far a drain has come, in words."""

from apps.execution.services.drains import Progress
from trading.gates.values import TradingState


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


def withdrawn_in_words(exits: int) -> str:
    """Of a reset; nothing where it had nothing to take back."""
    return f"Exits of it that had not been filled, withdrawn: {exits}." if exits else ""
