from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused
from trading.instruments import InstrumentStatus
from trading.signals import Action

NUMBER = 3


def instrument_is_allowed(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The subscription trades it, the venue trades it, the account can pay for it and sell it."""
    rules = snapshot.rules
    if not snapshot.is_symbol_allowed:
        return refused(NUMBER, GateCode.SYMBOL_NOT_ALLOWED, rules.symbol)
    if rules.status is not InstrumentStatus.TRADING:
        return refused(NUMBER, GateCode.INSTRUMENT_NOT_TRADING, rules.status, "trading")
    if intent.action is Action.ENTER_SHORT and not rules.is_shortable:
        return refused(NUMBER, GateCode.SHORT_NOT_AVAILABLE, rules.symbol)
    if rules.quote != snapshot.account_currency:
        return refused(NUMBER, GateCode.CURRENCY_MISMATCH, rules.quote, snapshot.account_currency)
    return passed(NUMBER, rules.symbol)
