"""JSON Schema of every message of the streams, and of the data of every event: the one place from
which docs/streams.md is made (`manage.py describe_streams`). The tests hold messages against it.

New fields may come: a client passes over those that it does not know, and over kinds of events.
"""

from typing import Any

from trading.gates.execution_mode import ExecutionMode
from trading.gates.values import Outcome, TradingState
from trading.orders import Leg, OrderStatus, OrderType, TimeInForce
from trading.signals import Action, Side

Schema = dict[str, Any]

WHOLE: Schema = {"type": "integer"}
TEXT: Schema = {"type": "string"}
YES_OR_NO: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MODE: Schema = {"enum": ["paper", "live"]}


def _one_of(members: Any) -> Schema:
    return {"enum": [str(member) for member in members]}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _by_symbol(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


def _message(kind: str, /, **fields: Schema) -> Schema:
    return _object(type={"const": kind}, **fields)


STATE = {"enum": [state.name for state in TradingState]}
BAR = _object(time=WHOLE, open=NUMBER, high=NUMBER, low=NUMBER, close=NUMBER, volume=NUMBER)
ACCOUNT = _object(id=WHOLE, name=TEXT, mode=MODE, currency=TEXT, cash=AMOUNT, reserved=AMOUNT)
POSITION = _object(
    subscription=WHOLE, instrument=WHOLE, symbol=TEXT, strategy=TEXT, mode=MODE,
    quantity=AMOUNT, cost=AMOUNT, last=_or_null(AMOUNT), unrealised_pnl=_or_null(AMOUNT),
    stop=_or_null(AMOUNT), target=_or_null(AMOUNT), liquidation=_or_null(AMOUNT),
    opened_at=_or_null(MOMENT),
)  # fmt: skip
ORDER = _object(
    order=TEXT, account=WHOLE, subscription=WHOLE, instrument=WHOLE, symbol=TEXT, mode=MODE,
    leg=_one_of(Leg), side=_one_of(Side), kind=_one_of(OrderType), status=_one_of(OrderStatus),
    quantity=AMOUNT, filled_quantity=AMOUNT, limit_price=_or_null(AMOUNT),
    trigger_price=_or_null(AMOUNT), time_in_force=_one_of(TimeInForce), post_only=YES_OR_NO,
)  # fmt: skip
_FILLED = {
    "order": TEXT, "account": WHOLE, "subscription": WHOLE, "instrument": WHOLE, "mode": MODE,
    "leg": _one_of(Leg), "side": _one_of(Side), "quantity": AMOUNT, "price": AMOUNT,
    "commission": AMOUNT,
}  # fmt: skip
FILL = _object(**_FILLED, at=MOMENT)

SCOPES = [
    "platform", "venue", "instrument", "strategy", "user", "account", "subscription",
]  # fmt: skip
_SUBSCRIPTION = _object(subscription=WHOLE, version=WHOLE)
_CONSENT = _object(consent=WHOLE, document=TEXT, version=TEXT)
_SWITCH = _object(switch=WHOLE, scope={"enum": SCOPES}, state=STATE, cause=TEXT)

EVENT_DATA: dict[str, Schema] = {
    "approval.answered": _object(
        approval=WHOLE, decision=WHOLE, subscription=WHOLE, instrument=WHOLE, mode=MODE,
        answer={"enum": ["approved", "declined", "expired", "withdrawn"]},
        outcome=_or_null(_one_of(Outcome)), code=TEXT,
    ),
    "approval.needed": _object(
        approval=WHOLE, decision=WHOLE, subscription=WHOLE, instrument=WHOLE, mode=MODE,
        action=_one_of(Action), quantity=AMOUNT, price=AMOUNT, expires_at=MOMENT,
    ),
    "backtest.finished": _object(
        run=WHOLE, state={"enum": ["done", "canceled", "failed"]}, code=TEXT
    ),
    "backtest.progressed": _object(run=WHOLE, done=WHOLE, total=WHOLE),
    "backtest.queued": _object(run=WHOLE),
    "backtest.started": _object(run=WHOLE, attempt=WHOLE),
    "consent.given": _CONSENT,
    "consent.withdrawn": _CONSENT,
    "decision.made": _object(
        decision=WHOLE, subscription=WHOLE, instrument=WHOLE, action=_one_of(Action),
        outcome=_one_of(Outcome), code=TEXT, quantity=AMOUNT, price=AMOUNT,
    ),
    "fill.recorded": _object(
        **_FILLED, cash=AMOUNT, position=_object(quantity=AMOUNT, cost=AMOUNT),
        pnl=_or_null(AMOUNT),
    ),
    "funding.charged": _object(
        account=WHOLE, subscription=WHOLE, instrument=WHOLE, mode=MODE, rate=AMOUNT,
        quantity=AMOUNT, price=AMOUNT, cash=AMOUNT,
    ),
    "kill_switch.drained": _object(
        switch=WHOLE, scope={"enum": SCOPES}, orders=WHOLE, positions=WHOLE
    ),
    "kill_switch.reset": _SWITCH,
    "kill_switch.tripped": _SWITCH,
    "money.deposited": _object(account=WHOLE, currency=TEXT, amount=AMOUNT),
    "order.met_late": _object(
        order=TEXT, account=WHOLE, subscription=WHOLE, instrument=WHOLE, mode=MODE,
        leg=_one_of(Leg), candle=MOMENT, outcome={"enum": ["filled", "triggered", "leaving"]},
    ),
    "order.stuck": _object(
        order=TEXT, account=WHOLE, subscription=WHOLE, instrument=WHOLE, mode=MODE, minutes=WHOLE
    ),
    "position.naked": _object(
        position=WHOLE, subscription=WHOLE, instrument=WHOLE, mode=MODE, quantity=AMOUNT,
        covered=AMOUNT,
    ),
    "subscription.ended": _SUBSCRIPTION,
    "subscription.execution_set": _object(
        subscription=WHOLE, execution=_one_of(ExecutionMode), by=WHOLE
    ),
    "subscription.paused": _SUBSCRIPTION,
    "subscription.resumed": _SUBSCRIPTION,
    "subscription.started": _SUBSCRIPTION,
}  # fmt: skip

_EVENT = _message("event", id=WHOLE, sequence=WHOLE, kind=_one_of(EVENT_DATA), at=MOMENT, data={})
_EVENT["allOf"] = [
    {"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"data": data}}}
    for kind, data in EVENT_DATA.items()
]
_STATE = {
    "oneOf": [
        _message("trading_state", scope={"const": "platform"}, state=STATE),
        _message("trading_state", scope={"const": "strategy"}, strategy=TEXT, state=STATE),
        _message("trading_state", scope={"const": "venue"}, venue=TEXT, state=STATE),
        _message(
            "trading_state", scope={"const": "instrument"}, venue=TEXT, symbol=TEXT, state=STATE
        ),
    ]
}
OF_BOTH: dict[str, Schema] = {
    "auth_success": _message("auth_success", user_id=TEXT, expires_at=MOMENT),
    "event": _EVENT,
    "trading_state": _STATE,
    "pong": _message("pong"),
}

_BEGINNING: Schema = {"sequence": WHOLE, "included": _list(WHOLE), "time": MOMENT}
SERVER: dict[str, dict[str, Schema]] = {
    "/ws/positions": {
        "snapshot": _message(
            "snapshot", **_BEGINNING, clocks=_by_symbol(MOMENT), trading_state=STATE,
            accounts=_list(ACCOUNT), positions=_list(POSITION),
        ),
        "prices": _message(
            "prices", venue=TEXT, time=MOMENT, timeframe=TEXT, prices=_by_symbol(AMOUNT),
            candles=_by_symbol(BAR),
        ),
        **OF_BOTH,
    },
    "/ws/trades": {
        "snapshot": _message(
            "snapshot", **_BEGINNING, orders=_list(ORDER), fills=_list(FILL)
        ),
        "orders": _message("orders", orders=_list(ORDER)),
        **OF_BOTH,
    },
}  # fmt: skip

CLIENT: dict[str, Schema] = {
    "auth": _message("auth", token=TEXT),
    "ping": _message("ping"),
}
