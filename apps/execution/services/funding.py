"""Part of step 1: what paper positions pay each other for being held over a moment of funding.

A rate is charged with the first candle of its instrument that closes at or after its time, at that
candle's close, on what is held then and was opened before. A real venue charges by itself, and its
report is the evidence.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.common import bulk, db
from apps.common.models import Mode
from apps.events import services as events
from apps.execution.models import Funding, JournalEntry, Position
from apps.execution.services import books, days
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.closes import Close
from apps.execution.services.positions import PositionRow, read_positions, write_positions
from apps.market.models import FundingRate
from apps.market.services import funding_rates
from apps.risk import services as risk
from trading.gates.values import text
from trading.ledger import Posting, apply_funding
from trading.margin import funding_payment
from trading.money import ZERO

COLUMNS = (
    "id", "user_id", "account_id", "position_id", "rate_id", "mode", "quantity", "price", "amount",
    "charged_at",
)  # fmt: skip


class Charge(NamedTuple):
    position: PositionRow  # after it
    rate: FundingRate
    price: Decimal
    amount: Decimal
    lines: tuple[Posting, ...]


@db.transaction
def charge(close: Close) -> int:
    """Charge every rate that is due by this close, once; the number of positions it concerned."""
    rates = funding_rates.due(list(close.instruments.get(close.finest, ())), close.time)
    if not rates:
        return 0
    charges = _charges(rates, close)
    if charges:
        _write(charges, close.time)
    funding_rates.mark_charged(rates, close.time)
    return len(charges)


def _charges(rates: Sequence[FundingRate], close: Close) -> list[Charge]:
    """Several rates of one instrument are charged one after the other, by time."""
    candles = close.candles()
    instruments = {rate.instrument_id for rate in rates}
    held = Position.objects.filter(instrument_id__in=instruments, mode=Mode.PAPER)
    keys = list(held.exclude(quantity=0).values_list("account_id", "subscription_id"))
    lock_accounts(account for account, _ in keys)
    days.begin((account for account, _ in keys), close.time)
    positions = read_positions(subscription for _, subscription in keys)
    charges = []
    for rate in rates:
        price = candles[rate.instrument_id].close
        for key, position in positions.items():
            opened = position.state.opened_at
            if key[1] != rate.instrument_id or opened is None or opened >= rate.time:
                continue
            amount = funding_payment(position.state.quantity, price, rate.rate)
            state, lines = apply_funding(position.state, amount)
            position = position.funded(state, amount)  # noqa: PLW2901 - the row after it
            positions[key] = position
            charges.append(Charge(position, rate, price, amount, lines))
    return charges


def _write(charges: Sequence[Charge], now: datetime) -> None:
    ids = bulk.take_ids(Funding, len(charges))
    bulk.copy_rows(
        Funding,
        COLUMNS,
        (
            (pk, row.user_id, row.account_id, row.id, rate.pk, row.mode, row.state.quantity, price,
             amount, now)
            for pk, (row, rate, price, amount, _) in zip(ids, charges, strict=True)
        ),
    )  # fmt: skip
    books.write_journal(
        JournalEntry.Kind.FUNDING,
        [
            books.Entry(
                row.user_id, row.account_id, row.mode, rate.instrument.quote, rate.time, lines
            )
            for row, rate, _, _, lines in charges
        ],
        ids,
    )
    write_positions({item.position.id: item.position for item in charges}.values())
    changes: dict[int, Decimal] = {}
    for item in charges:
        subscription = item.position.subscription_id
        changes[subscription] = changes.get(subscription, ZERO) + item.amount
    risk.ensure_risk_states(list(changes), now.date())
    risk.add_realised(changes, now.date())
    events.record_many([_fact(item) for item in charges])


def _fact(item: Charge) -> events.Fact:
    row = item.position
    payload: dict[str, object] = {
        "account": row.account_id,
        "subscription": row.subscription_id,
        "instrument": row.instrument_id,
        "mode": row.mode,
        "rate": text(item.rate.rate),
        "quantity": text(row.state.quantity),
        "price": text(item.price),
        "cash": text(item.amount),  # by how much it changes the account's
    }
    return events.Fact("funding.charged", row.user_id, item.rate.time, payload)
