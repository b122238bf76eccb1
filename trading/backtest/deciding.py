"""A close of a backtest: the strategy looks, its signals are decided, what is ordered is sent."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime

from trading.backtest.book import ACCOUNT, Account, Placed
from trading.backtest.closes import Close, window
from trading.backtest.risk import AtClose, Telling, on_its_way
from trading.backtest.settings import DecisionRow, Market, Settings, Sizing
from trading.decisions import Answer, Asked, Question, decide, question_of, remember, withdrawn
from trading.entries import on_increment, tradable
from trading.gates.risk_facts import NOTHING_PROVIDED, RiskFacts
from trading.gates.values import Outcome, TradingState
from trading.money import ZERO
from trading.orders import Leg, OrderTicket, OrderType, TimeInForce
from trading.signal_checks import checked
from trading.signals import Side, Signal
from trading.standing import Holding, Standing


def look(settings: Settings, market: Market, place: int, warmup: int) -> Sequence[Signal]:
    """What the strategy says of the candle at `place` in the series, seeing as many as it declares.

    Raises SignalNotUsable.
    """
    said = settings.strategy.decide(window(market.series, place + 1, warmup), settings.parameters)
    if not said:
        return ()
    usable = [checked(signal) for signal in said]
    return [signal for signal, _ in tradable(usable, is_shortable=market.rules.is_shortable)]


def decide_all(
    account: Account,
    settings: Settings,
    markets: Sequence[Market],
    said: Sequence[tuple[int, Signal]],
    at: Close,
    telling: Telling | None,
) -> list[DecisionRow]:
    """Decide the signals of one close together, in their order; place what is ordered. No
    `telling`: there are no limits that would ask for it.
    """
    standing, free = _standing(account, settings, at), account.free_cash()
    facts = None if telling is None else telling.at(at)
    rows, ordered = [], []
    unwanted: set[tuple[int, Side | None]] = set()
    for key, signal in said:
        asked = _asked(key, signal, markets[key], settings, at.now)
        question = question_of(
            asked, standing, trading_state=TradingState.ACTIVE,
            is_symbol_allowed=settings.allows(asked.rules.symbol), free_cash=free,
            wanted=settings.fixed_quantity if signal.action.is_entry else None,
            risk=_risk(facts, asked),
        )  # fmt: skip
        answer = decide(question)
        remember(standing, asked, answer)
        if facts is not None:
            facts.remember(asked, answer)
        rows.append(_row(at.now, question, answer))
        unwanted.add((key, withdrawn(question, answer)))
        if answer.outcome is Outcome.ORDERED:
            free -= answer.intent.cost
            ordered.append((asked, signal, answer))
    _let_go(account, ordered, unwanted)
    for asked, signal, answer in ordered:
        _place(account, asked, signal, answer, settings, at.now)
    return rows


def _risk(facts: AtClose | None, asked: Asked) -> RiskFacts:
    """What an exit is never asked about is not looked up."""
    return NOTHING_PROVIDED if facts is None or not asked.action.is_entry else facts.of(asked)


def _let_go(
    account: Account,
    ordered: Sequence[tuple[Asked, Signal, Answer]],
    unwanted: Set[tuple[int, Side | None]],
) -> None:
    """Entries on their way into what is left, or what is not wanted any more."""
    leaving = {asked.instrument for asked, _, _ in ordered if not asked.action.is_entry}
    account.end(
        name
        for name, order in account.working.items()
        if order.leg is Leg.ENTRY
        and (order.instrument in leaving or (order.instrument, order.ticket.side) in unwanted)
    )


def _standing(account: Account, settings: Settings, at: Close) -> Standing:
    holdings: dict[int, Holding] = {}
    in_use, open_pnl = ZERO, ZERO
    for key, state in account.positions.items():
        if state.quantity:
            holdings[key] = Holding(state.quantity, state.cost)
            in_use += abs(state.cost)
            open_pnl += state.quantity * at.prices[key] - state.cost
    for name, order in account.working.items():
        holding = holdings.setdefault(order.instrument, Holding())
        if order.leg is Leg.ENTRY:
            holding.entering = order.ticket.side
            in_use += on_its_way(account, name, order)
        elif order.leg is Leg.EXIT:
            holding.leaving += order.ticket.quantity
    limits = settings.limits
    if settings.sizing is Sizing.ALL_IN:
        limits = replace(limits, capital=max(at.equity, ZERO))
    return Standing(
        is_running=True,
        currency=settings.currency,
        limits=limits,
        day_pnl=account.realised.get(at.now.date(), ZERO) + open_pnl - at.open_at_midnight,
        in_use=in_use,
        holdings=holdings,
    )


def _asked(key: int, signal: Signal, market: Market, settings: Settings, now: datetime) -> Asked:
    rules = market.rules
    return Asked(
        instrument=key,
        rules=rules,
        action=signal.action,
        price=signal.reference_price,
        stop_price=signal.exit_plan.stop_price,
        entry_plan=on_increment(signal.entry_plan, signal.action.side, rules),
        candles_seen=settings.limits.warmup_candles,  # or it would not have looked
        is_market_open=market.is_open(now),
        session_end=market.session_end(now),
        size_fraction=signal.size_fraction,
        target_price=signal.exit_plan.target_price,
    )


def _row(now: datetime, question: Question, answer: Answer) -> DecisionRow:
    asked = question.asked
    return DecisionRow(
        now, asked.rules.symbol, asked.action.value, answer.outcome.value, answer.code,
        answer.sized_down_by, answer.intent.quantity,
    )  # fmt: skip


def _place(
    account: Account,
    asked: Asked,
    signal: Signal,
    answer: Answer,
    settings: Settings,
    now: datetime,
) -> None:
    number, is_entry, exits = account.next_number(), asked.action.is_entry, signal.exit_plan
    trail = exits.trail
    order = Placed(
        number=number,
        ticket=_ticket(number, asked, answer, settings, now),
        leg=Leg.ENTRY if is_entry else Leg.EXIT,
        instrument=asked.instrument,
        decision=number,
        reference_price=asked.price,
        stop_price=exits.stop_price,
        target_price=exits.target_price,
        stop_limit_price=exits.stop_limit_price,
        stop_trailing_offset=None if trail is None else trail.offset,
        stop_trailing_offset_type="" if trail is None else trail.offset_type.value,
        ladder=exits.ladder if is_entry else None,
    )
    account.place(order, reserve=answer.intent.cost)


def _ticket(
    number: int, asked: Asked, answer: Answer, settings: Settings, now: datetime
) -> OrderTicket:
    plan, is_entry = asked.entry_plan, asked.action.is_entry
    return OrderTicket(
        client_order_id=f"{number}",
        account=ACCOUNT,
        position=asked.instrument,
        side=asked.action.side,
        order_type=plan.order_type if is_entry else OrderType.MARKET,
        quantity=answer.intent.quantity,
        limit_price=plan.limit_price,
        trigger_price=plan.trigger_price,
        reduce_only=not is_entry,
        time_in_force=plan.time_in_force,
        expire_time=asked.session_end if plan.time_in_force is TimeInForce.DAY else None,
        post_only=plan.post_only,
        active_from=now,
        # Where limits hold, all that is left may be more than they allow.
        takes_all=is_entry and settings.sizing is Sizing.ALL_IN and not settings.is_limited,
    )
