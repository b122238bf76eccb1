"""The receipt of one decision: what the strategy said, what was answered and why, what followed."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.accounts.models import User
from apps.common import numbers
from apps.dashboard.gates_told import GatesTold
from apps.dashboard.ladder_words import steps
from apps.dashboard.limit_words import LimitLine
from apps.dashboard.order_words import kind, price_awaited
from apps.dashboard.selectors.aftermath import Followed, followed, position, trade
from apps.dashboard.selectors.again import Again, again
from apps.dashboard.selectors.halts import Halt, halts_of
from apps.dashboard.selectors.latency import Since
from apps.dashboard.selectors.receipt_limits import Setting, limits_in_force, settings
from apps.dashboard.selectors.receipt_lines import ReceiptLine, receipt_lines
from apps.dashboard.selectors.trades import REASONS
from apps.dashboard.words import NOTES, VERBS
from apps.execution.models import Position, Trade
from apps.risk.gate_lines import gate_line
from apps.risk.models import Decision
from apps.risk.refusals import Refusal, verdicts_of
from apps.risk.sayings import of_receipt
from apps.risk.selectors import decisions, place_of, switches_at
from apps.strategies.models import Signal
from apps.strategies.rows import entry_plan_of
from trading.exit_plans import Ladder
from trading.exits import ExitReason
from trading.gates import trading_state
from trading.gates.authors import cap
from trading.gates.codes import GateCode
from trading.gates.values import TradingState
from trading.signals import Action, EntryPlan

STOPPED = {GateCode.TRADING_HALTED, GateCode.TRADING_REDUCING}
SINCE = {Since.CANDLE_CLOSE: "the candle's close", Since.SIGNAL: "the signal"}
SOURCES: dict[str, str] = {
    Signal.Source.RUN: "The strategy, at the close of a candle",
    Signal.Source.WEBHOOK: "A webhook of yours",
    Signal.Source.COPY: "A trade that you copy",
    Signal.Source.MANUAL: "You, by hand",
}


@dataclass(frozen=True, slots=True)
class Receipt(GatesTold):
    """`position` is what this decision opened and is still held, `trade` the round trip that it
    began or ended.
    """

    line: ReceiptLine
    said: str
    asked: str  # how to enter; empty where it is at market, as usual
    note: str
    sized_down_by: str
    switches: Sequence[Halt]
    settings: Sequence[Setting]
    limits: Sequence[LimitLine]
    again: Again | None  # once its owner has approved it
    orders: Sequence[Followed]
    position: Position | None
    trade: Trade | None

    @property
    def decision(self) -> Decision:
        return self.line.decision

    @property
    def sentence(self) -> str:
        return self.line.sentence

    @property
    def refusal(self) -> Refusal | None:
        return self.line.refusal

    @property
    def since(self) -> str:
        return SINCE[self.line.latency.since]

    @property
    def source(self) -> str:
        return SOURCES[self.decision.signal.source]

    @property
    def price_places(self) -> int:
        return numbers.places_of(self.decision.instrument.price_increment)

    @property
    def ladder(self) -> Sequence[str]:
        plain, instrument = self.decision.signal.ladder, self.decision.instrument
        if plain is None:
            return ()
        return list(steps(Ladder.of(plain), self.price_places, instrument.quote))

    @property
    def trade_reason(self) -> str:
        return REASONS[ExitReason(self.trade.exit_reason)] if self.trade else ""


def receipt(user: User, pk: int) -> Receipt | None:
    """None where the user has no such decision."""
    own = decisions(user).select_related("account__venue", "subscription__version", "limits")
    decision = own.filter(pk=pk).first()
    if decision is None:
        return None
    (line,) = receipt_lines(user, [decision])
    orders = followed(user, line.orders)
    sayings = of_receipt(decision)
    began_at = min((fill.filled_at for item in orders for fill in item.fills), default=None)
    return Receipt(
        line=line,
        said=VERBS[Action(decision.action)].said,
        asked=_asked(decision),
        note=NOTES.get(decision.signal.note, ""),
        sized_down_by=cap(decision.sized_down_by),
        gates=[gate_line(verdict, sayings) for verdict in verdicts_of(decision)],
        switches=_switches(decision),
        settings=settings(decision),
        limits=limits_in_force(decision),
        again=None if line.again is None else again(line.again),
        orders=orders,
        position=position(user, decision, began_at),
        trade=trade(user, decision, began_at),
    )


def _switches(decision: Decision) -> list[Halt]:
    """Those that bound when trading was stopped: of all that reached it, the strictest."""
    stopped = (
        item
        for item in verdicts_of(decision)
        if item.gate == trading_state.NUMBER and item.code in STOPPED
    )
    verdict = next(stopped, None)
    if verdict is None:
        return []
    state = TradingState[verdict.observed]
    # Written in the statement that follows the reading of the switches: its time is theirs.
    reached = switches_at(place_of(decision), decision.created_at)
    return halts_of(reached.filter(state=state))


def _asked(decision: Decision) -> str:
    signal = decision.signal
    if entry_plan_of(signal) == EntryPlan():
        return ""
    places = numbers.places_of(decision.instrument.price_increment)
    awaited = price_awaited(signal.limit_price, signal.trigger_price, places)
    return f"{kind(signal)}: {awaited}"
