"""What people read of a verdict, with its numbers."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from trading.gates.authors import author
from trading.gates.clearing import resumes
from trading.gates.codes import GateCode
from trading.gates.phrases import FACTS, NOTHING, OF_CODES, OF_GATES, Kind, Phrase
from trading.gates.values import NO_LIMIT, Status, TradingState, Verdict
from trading.money import plain

Say = Callable[[str], str]
STATES = {
    TradingState.ACTIVE.name: "active",
    TradingState.REDUCING.name: "reducing",
    TradingState.HALTED.name: "halted",
    TradingState.LIQUIDATING.name: "stopped and every position is being closed",
}
# What no limit of a capital can be: then nobody can trade.
_IMPOSSIBLE = "none"
# What is rounded to be read.
_EXACTLY = {Kind.MONEY, Kind.QUANTITY, Kind.PERCENTILE, Kind.SHARE}


class Sayings(NamedTuple):
    """How stored numbers are said: money and prices with their unit. `exact` is money with every
    digit, `price` of the instrument in its own currency."""

    money: Say = str
    exact: Say = str
    price: Say = str
    quantity: Say = str


PLAINLY = Sayings()


class Cells(NamedTuple):
    """A verdict in a table."""

    observed: str
    limit: str


def sentence(verdict: Verdict, sayings: Sayings = PLAINLY) -> str:
    """Why it was refused: what was seen, the limit, who set it, and when trading resumes where the
    clock decides that.

    `the account lost 10 % today, less than 10 % is allowed (set by the capital tier): resumes at
    00:00 UTC`
    """
    code = GateCode(verdict.code)
    if code is GateCode.DUPLICATE_SIGNAL and not is_number(verdict.observed):
        return "already being bought"
    phrase = OF_CODES[code]
    if code is GateCode.TIER_DEADLOCK and verdict.limit == _IMPOSSIBLE:
        phrase = phrase._replace(limit="no capital makes one possible")
    observed, limit = _numbers(verdict, phrase, sayings)
    who = author(verdict)
    told = ", ".join(part for part in (observed, limit) if part)
    told = f"{told} ({who})" if who and limit else told
    again = resumes(verdict)
    return f"{told}: {again}" if again else told


def cells(verdict: Verdict, sayings: Sayings = PLAINLY) -> Cells:
    """What a gate saw and what it compared, whatever it answered."""
    if verdict.status == Status.NOT_APPLICABLE:
        return Cells(_not_asked(verdict.observed), "")
    if verdict.code == GateCode.FACT_UNKNOWN:
        return Cells(*_numbers(verdict, OF_CODES[GateCode.FACT_UNKNOWN], sayings))
    return Cells(*_numbers(verdict, _phrase(verdict), sayings))


def fact(name: str) -> str:
    return FACTS.get(name, name.replace("_", " "))


def is_number(stored: str) -> bool:
    try:
        return Decimal(stored).is_finite()
    except InvalidOperation:
        return False


def _phrase(verdict: Verdict) -> Phrase:
    """A refusal's own where it has numbers, else its gate's."""
    if verdict.code:
        own = OF_CODES[GateCode(verdict.code)]
        if "{}" in own.observed and own.limit:
            return own
    return OF_GATES.get(verdict.gate, NOTHING)


def _numbers(verdict: Verdict, phrase: Phrase, sayings: Sayings) -> tuple[str, str]:
    observed, limit = both(verdict.observed, verdict.limit, phrase.kind, sayings)
    if verdict.code == GateCode.FACT_UNKNOWN:
        observed = fact(verdict.observed)
    own = OF_CODES[GateCode(verdict.code)].observed if verdict.code else ""
    is_told = own == phrase.observed or phrase.kind is Kind.STATE or is_number(verdict.observed)
    said = phrase.observed if is_told else "{}"
    return said.format(observed), phrase.limit.format(limit) if verdict.limit else ""


def both(observed: str, limit: str, kind: Kind, sayings: Sayings) -> tuple[str, str]:
    """What was seen and the limit, told apart."""
    say = _sayer(kind, sayings)
    seen, most = say(observed), say(limit)
    if seen != most or observed == limit or kind not in _EXACTLY:
        return seen, most
    # Rounded they would be the same, and the refusal could not be understood.
    exactly = {Kind.MONEY: sayings.exact, Kind.SHARE: _whole_share}.get(kind, str)
    return exactly(observed), exactly(limit)


def _sayer(kind: Kind, sayings: Sayings) -> Say:
    says: dict[Kind, Say] = {
        Kind.TEXT: str,
        Kind.STATE: lambda stored: STATES.get(stored, stored.lower()),
        Kind.MONEY: lambda stored: _each_number(stored, sayings.money),
        Kind.PRICE: sayings.price,
        Kind.QUANTITY: sayings.quantity,
        Kind.PERCENTILE: percentile,
        Kind.SHARE: share,
    }
    return says[kind]


def percentile(stored: str) -> str:
    """`96.06` of 96.06193200942444; what is no number stays as it is."""
    return plain(round(Decimal(stored), 2)) if is_number(stored) else stored


def share(stored: str) -> str:
    """`45.12 %` of 0.451234"""
    return _percent(round(Decimal(stored) * 100, 2)) if is_number(stored) else stored


def _whole_share(stored: str) -> str:
    return _percent(Decimal(stored) * 100)


def _percent(value: Decimal) -> str:
    return f"{plain(value)}\u00a0%"  # never parted by a line break


def _each_number(stored: str, say: Say) -> str:
    """`66.67 USD to 1,250.00 USD`"""
    return " ".join(say(word) if is_number(word) else word for word in stored.split(" "))


def _not_asked(why: str) -> str:
    return "nobody set a limit" if why == NO_LIMIT else f"not provided: {fact(why)}"
