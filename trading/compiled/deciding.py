"""How a signal at a close is decided: sized, and asked the gates that such a run can meet, in the
order of the catalogue (trading/decisions.py, trading/gates)."""

from trading.compiled.book import (
    ENTER_LONG,
    ENTER_SHORT,
    EXIT_LONG,
    EXIT_SHORT,
    MOST,
    NONE,
    Record,
    Terms,
    Whole,
)
from trading.gates.codes import GateCode
from trading.gates.daily_loss import is_within
from trading.margin import kept
from trading.money import part_down, part_up, quotient_down
from trading.sizing import CapCode

ONE: Whole = 1
CODES = tuple(GateCode)
CAPS = tuple(CapCode)
NO_POSITION = CODES.index(GateCode.NO_POSITION)
SHORT_NOT_AVAILABLE = CODES.index(GateCode.SHORT_NOT_AVAILABLE)
INSUFFICIENT_BALANCE = CODES.index(GateCode.INSUFFICIENT_BALANCE)
MAX_POSITIONS = CODES.index(GateCode.MAX_POSITIONS)
DAILY_LOSS_LIMIT = CODES.index(GateCode.DAILY_LOSS_LIMIT)
NOTIONAL_BELOW_MINIMUM = CODES.index(GateCode.NOTIONAL_BELOW_MINIMUM)
QUANTITY_BELOW_MINIMUM = CODES.index(GateCode.QUANTITY_BELOW_MINIMUM)
DUPLICATE_SIGNAL = CODES.index(GateCode.DUPLICATE_SIGNAL)
BY_CAPITAL = CAPS.index(CapCode.CAPITAL_TIMES_LEVERAGE)
BY_USE = CAPS.index(CapCode.CAPITAL_IN_USE)
BY_CASH = CAPS.index(CapCode.FREE_CASH)


def receive(
    book: Record, written: Record, row: int, action: int, code: int, cap: int, quantity: Whole
) -> None:
    written.row, written.action, written.code = row, action, code
    written.cap, written.quantity = cap, quantity
    book.receipts += 1


def decide(
    book: Record, terms: Terms, row: int, close: Whole, leaves: int, enters: int, receipts: Record
) -> None:  # fmt: skip
    """What is left, then what is entered."""
    if leaves != 0:
        decide_exit(book, row, leaves, receipts[book.receipts])
    if enters != 0:
        decide_entry(book, terms, row, close, enters, receipts[book.receipts])


def decide_exit(book: Record, row: int, leaves: int, receipt: Record) -> None:
    is_held = book.quantity * leaves > 0
    action = EXIT_LONG if leaves > 0 else EXIT_SHORT
    code = NONE if is_held else NO_POSITION
    receive(book, receipt, row, action, code, NONE, abs(book.quantity))
    if is_held:
        book.leaving = 1


def decide_entry(
    book: Record, terms: Terms, row: int, close: Whole, enters: int, receipt: Record
) -> None:
    side = 0 if enters > 0 else 1
    turns = book.leaving != 0 and book.quantity * enters < 0
    locked = kept(book.cost, terms.kept, terms.amount)
    free, in_use = book.cash - locked, abs(book.cost)
    if turns:
        worth, in_use = abs(book.quantity) * close, 0
        if enters < 0:
            free += part_down(worth, terms.freed[0], terms.amount)
        else:
            free += locked - part_up(worth, terms.freed[1], terms.amount)
    equity = book.cash + book.quantity * close
    capital = max(equity, 0) if terms.takes_all else terms.capital
    most = capital if terms.takes_all else terms.most
    quantity, cap = size_of(terms, close, capital, most, in_use, free, side)
    code = refused(book, terms, close, free, capital, quantity, side, turns)
    receive(book, receipt, row, ENTER_LONG if side == 0 else ENTER_SHORT, code, cap, quantity)
    if code == NONE:
        book.entering, book.ordered, book.reference = enters, quantity, close


def size_of(
    terms: Terms, close: Whole, capital: Whole, most: Whole, in_use: Whole, free: Whole, side: int
) -> tuple[Whole, int]:
    """The quantity, and the cap that cut it down."""
    own = terms.fixed
    if not terms.is_fixed:
        own = quotient_down(capital, close, terms.risked, terms.step)
    # All caps are money at this price: of one that is named first, an equal one changes nothing.
    cap, tightest = BY_CAPITAL, most
    if most - in_use < tightest:
        cap, tightest = BY_USE, most - in_use
    by_cash = quotient_down(free, ONE, terms.reserves[side], ONE)
    if by_cash < tightest:
        cap, tightest = BY_CASH, by_cash
    allowed = max(0, quotient_down(tightest, close, terms.whole, terms.step))
    if own <= allowed:
        return max(0, own), NONE
    return allowed, cap


def refused(
    book: Record, terms: Terms, close: Whole, free: Whole,
    capital: Whole, quantity: Whole, side: int, turns: bool,  # noqa: FBT001 - compiled
) -> int:  # fmt: skip
    """The code of the first gate that refuses the entry."""
    is_held = book.quantity != 0 and not turns
    if is_held:
        return DUPLICATE_SIGNAL
    if side == 1 and not terms.is_shortable:
        return SHORT_NOT_AVAILABLE
    if free < needed_for(terms, close, quantity, side):
        return INSUFFICIENT_BALANCE
    if terms.max_positions <= 0:
        return MAX_POSITIONS
    if not is_within(loss_of(book, close), losable(terms, capital)):
        return DAILY_LOSS_LIMIT
    return too_small(terms, quantity, close)


def needed_for(terms: Terms, close: Whole, quantity: Whole, side: int) -> Whole:
    """What the order takes of the cash, or the smallest that the venue accepts."""
    most = quantity
    if too_small(terms, quantity, close) != NONE:
        by_worth = -(-terms.min_notional // close)
        least = max(terms.min_quantity, by_worth, terms.step)
        most = max(quantity, part_up(least, terms.whole, terms.step))
    return part_up(most * close, terms.reserves[side], terms.amount)


def loss_of(book: Record, close: Whole) -> Whole:
    """Of the day that has begun, open positions included."""
    return max(0, book.opened - (book.realised + book.quantity * close - book.cost))


def losable(terms: Terms, capital: Whole) -> Whole:
    """A limit that does not fit is beyond every loss that does."""
    if not terms.takes_all:
        return terms.loss_most
    if float(capital) * terms.loss_share >= MOST:
        return MOST
    return part_up(capital, terms.losable, ONE)


def too_small(terms: Terms, quantity: Whole, close: Whole) -> int:
    if quantity * close < terms.min_notional:
        return NOTIONAL_BELOW_MINIMUM
    if quantity < terms.min_quantity or quantity <= 0:
        return QUANTITY_BELOW_MINIMUM
    return NONE
