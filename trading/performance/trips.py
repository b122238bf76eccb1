"""A round trip as a report reads it, whoever made it: a backtest, a paper account or a live one."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol


class RoundTrip(Protocol):
    """`pnl` is after fees and funding; `funding` was got, negative: paid. `mae` and `mfe` are
    amounts of money for the whole quantity, never negative; None = not known.
    """

    @property
    def symbol(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def entry_time(self) -> datetime: ...
    @property
    def entry_price(self) -> Decimal: ...
    @property
    def exit_time(self) -> datetime: ...
    @property
    def exit_price(self) -> Decimal: ...
    @property
    def fees(self) -> Decimal: ...
    @property
    def funding(self) -> Decimal: ...
    @property
    def pnl(self) -> Decimal: ...
    @property
    def exit_reason(self) -> str: ...
    @property
    def mae(self) -> Decimal | None: ...
    @property
    def mfe(self) -> Decimal | None: ...


class Trip(NamedTuple):
    """A round trip of an account. Its fields are the columns of the CSV, in this order."""

    symbol: str
    direction: str
    quantity: Decimal
    entry_time: datetime
    entry_price: Decimal
    exit_time: datetime
    exit_price: Decimal
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    exit_reason: str
    mae: Decimal | None
    mfe: Decimal | None
