"""What the kernel keeps and writes, as records: numbers are int64 of the smallest unit."""

from typing import Any, NamedTuple

import numpy as np

# Compiled functions take any number and any record; what they are is said here.
Whole = Any  # an int64
Share = Any  # numerator and denominator
Record = Any  # of one of the types below

_BOOK = (
    "cash", "quantity", "cost", "entry_row", "entry_price", "entry_fee", "stop", "target",
    "liquidation", "leaving", "entering", "ordered", "reference", "day", "realised", "opened",
    "trips", "receipts", "trouble",
)  # fmt: skip
BOOK = np.dtype([(name, np.int64) for name in _BOOK], align=True)
"""An account in one instrument. `quantity` and `cost` are signed; a level of 0 is none. `entering`
is the direction of the entry that is ordered, `ordered` its quantity and `reference` the close at
which it was decided. `realised` is of `day`, `opened` the open profit with which that began."""

TRIP = np.dtype(
    [
        (name, np.int64)
        for name in (
            "entry_row", "exit_row", "quantity", "entry_price", "exit_price", "entry_fee",
            "exit_fee", "reason", "pnl",
        )
    ]
)  # fmt: skip
RECEIPT = np.dtype([(name, np.int64) for name in ("row", "action", "code", "cap", "quantity")])

# Reasons of a trip.
SIGNAL, STOP, TARGET, MARGIN_CALL = range(4)
# Actions of a receipt, in the order of `Action`.
ENTER_LONG, EXIT_LONG, ENTER_SHORT, EXIT_SHORT = range(4)
# Why a run was given up.
FINE, TOO_LARGE, NOTHING_FOR_ALL = range(3)
NONE = -1  # no code, no cap

# Of whole numbers that are exact as floats of 53 bits.
EXACT = 1 << 53
MOST = 1 << 61  # an amount beyond this is given up


class Candles(NamedTuple):
    """Columns of floats, each of which is the nearest to a decimal of the smallest unit. `times`
    are the closes, `length` of a candle in seconds."""

    open: Any
    high: Any
    low: Any
    close: Any
    times: Any
    length: int


class Bar(NamedTuple):
    """One candle in whole numbers."""

    row: Whole
    open: Whole
    high: Whole
    low: Whole


class Terms(NamedTuple):
    """The settings of a run in whole numbers. `scale` and `money` are how many units one of the
    price, and of the currency, has. Pairs are by direction: long, short."""

    scale: float
    money: Whole
    highest: Whole  # price of the history
    increment: Whole
    step: Whole
    amount: Whole
    whole: Share
    paid: Share  # of a price by a market order that buys, slippage included
    got: Share
    maker: Share
    taker: Share
    kept: Share  # of the worth of a short
    liquidation: Share
    is_shortable: bool
    opens: tuple[Share, Share]
    reserves: tuple[Share, Share]
    freed: tuple[Share, Share]
    takes_all: bool
    is_fixed: bool
    fixed: Whole
    capital: Whole  # unless all is taken
    most: Whole
    risked: Share  # what one unit may lose, per unit of price, for each unit of risk
    stops: tuple[Share, Share]
    targets: tuple[Share, Share]
    has_stop: bool
    has_target: tuple[bool, bool]
    loss_share: float
    loss_most: Whole
    losable: Share
    max_positions: Whole
    min_quantity: Whole
    min_notional: Whole
