"""Whether somebody may go from paper to live with a strategy: every documented check, with the
number observed and the one needed. What is not known is not met. Pure.

`needed` is what nobody goes live without; `proven` are the criteria for a strategy that has earned
money, `graduation` those of the first level of the ladder from paper to live.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import NamedTuple

from trading.money import plain

HUNDRED = Decimal(100)
NOT_KNOWN_YET = "not known yet"


class LiveCode(StrEnum):
    """Why somebody may not go live."""

    CONSENT_MISSING = "CONSENT_MISSING"
    PLAN_FORBIDS_LIVE = "PLAN_FORBIDS_LIVE"
    ACCOUNT_NOT_VERIFIED = "ACCOUNT_NOT_VERIFIED"
    CERTIFICATE_MISSING = "CERTIFICATE_MISSING"
    PAPER_TIME_TOO_SHORT = "PAPER_TIME_TOO_SHORT"
    PAPER_TRADES_TOO_FEW = "PAPER_TRADES_TOO_FEW"
    PAPER_NET_TOO_LOW = "PAPER_NET_TOO_LOW"
    PAPER_DRAWDOWN_TOO_DEEP = "PAPER_DRAWDOWN_TOO_DEEP"
    PAPER_WIN_RATE_TOO_LOW = "PAPER_WIN_RATE_TOO_LOW"
    PAPER_SHARPE_TOO_LOW = "PAPER_SHARPE_TOO_LOW"
    PAPER_PROFIT_FACTOR_TOO_LOW = "PAPER_PROFIT_FACTOR_TOO_LOW"
    PAPER_REWARD_TOO_LOW = "PAPER_REWARD_TOO_LOW"
    QUIZ_NOT_PASSED = "QUIZ_NOT_PASSED"


class Section(StrEnum):
    NEEDED = "needed"
    PROVEN = "proven"
    GRADUATION = "graduation"


class State(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


STATES = {True: State.MET, False: State.NOT_MET, None: State.NOT_KNOWN}


class Fact(NamedTuple):
    """Something that is there or not; `said` says which. None = not known."""

    holds: bool | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    consent: Fact
    plan: Fact
    account: Fact
    certificate: Fact


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one's own trading on paper. Fractions, not percent; None = not known."""

    hours: Decimal | None = None
    trades: Decimal | None = None
    net: Decimal | None = None  # of the capital
    drawdown: Decimal | None = None  # the greatest, of the peak
    win_rate: Decimal | None = None
    sharpe: Decimal | None = None
    profit_factor: Decimal | None = None
    reward_risk: Decimal | None = None  # average win / average loss
    quiz: Decimal | None = None


class Unit(StrEnum):
    NUMBER = ""
    HOURS = "hours"
    DAYS = "days"
    PERCENT = "%"


class Criterion(NamedTuple):
    """`fact` of the evidence is at least `limit`, or at most where it `is_most`; both inclusive."""

    section: Section
    name: str
    title: str
    code: LiveCode
    fact: str
    limit: Decimal
    unit: Unit = Unit.NUMBER
    is_most: bool = False


class Check(NamedTuple):
    section: Section
    name: str
    title: str
    code: LiveCode  # why not, where it is not met
    state: State
    observed: str
    limit: str

    @property
    def is_met(self) -> bool:
        return self.state is State.MET

    @property
    def why(self) -> str:
        """Why not, in words; empty where it is met. The unknown is not said to have failed."""
        if self.is_met:
            return ""
        return MEANINGS[self.code] if self.state is State.NOT_MET else NOT_KNOWN_YET

    @property
    def refusal(self) -> str:
        """As going live is refused: why, with its numbers, or what is not known yet."""
        if self.state is State.NOT_MET:
            return f"{self.why}: {self.observed}, {self.limit}" if self.limit else self.why
        return f"{self.title}: {self.why}" if self.why else ""


NEEDED = {
    "consent": ("You have agreed to trade with real money", LiveCode.CONSENT_MISSING),
    "plan": ("Your plan allows live trading", LiveCode.PLAN_FORBIDS_LIVE),
    "account": ("A live account of yours is verified", LiveCode.ACCOUNT_NOT_VERIFIED),
    "certificate": ("The strategy version has a valid certificate", LiveCode.CERTIFICATE_MISSING),
}
_P, _G, _C = Section.PROVEN, Section.GRADUATION, LiveCode
CRITERIA = (
    Criterion(_P, "proven_time", "Time on paper", _C.PAPER_TIME_TOO_SHORT, "hours",
              Decimal(24), Unit.HOURS),
    Criterion(_P, "proven_trades", "Closed trades", _C.PAPER_TRADES_TOO_FEW, "trades",
              Decimal(50)),
    Criterion(_P, "proven_net", "Net result, of the capital", _C.PAPER_NET_TOO_LOW, "net",
              Decimal("0.05"), Unit.PERCENT),
    Criterion(_P, "proven_drawdown", "Greatest drawdown", _C.PAPER_DRAWDOWN_TOO_DEEP, "drawdown",
              Decimal("0.15"), Unit.PERCENT, is_most=True),
    Criterion(_P, "proven_win_rate", "Win rate", _C.PAPER_WIN_RATE_TOO_LOW, "win_rate",
              Decimal("0.45"), Unit.PERCENT),
    Criterion(_G, "time", "Time on paper", _C.PAPER_TIME_TOO_SHORT, "hours",
              Decimal(30 * 24), Unit.DAYS),
    Criterion(_G, "trades", "Closed trades", _C.PAPER_TRADES_TOO_FEW, "trades", Decimal(50)),
    Criterion(_G, "win_rate", "Win rate", _C.PAPER_WIN_RATE_TOO_LOW, "win_rate",
              Decimal("0.52"), Unit.PERCENT),
    Criterion(_G, "sharpe", "Sharpe ratio", _C.PAPER_SHARPE_TOO_LOW, "sharpe", Decimal(1)),
    Criterion(_G, "drawdown", "Greatest drawdown", _C.PAPER_DRAWDOWN_TOO_DEEP, "drawdown",
              Decimal("0.15"), Unit.PERCENT, is_most=True),
    Criterion(_G, "profit_factor", "Profit factor", _C.PAPER_PROFIT_FACTOR_TOO_LOW,
              "profit_factor", Decimal("1.3")),
    Criterion(_G, "reward_risk", "Average win, in average losses", _C.PAPER_REWARD_TOO_LOW,
              "reward_risk", Decimal("1.5")),
    Criterion(_G, "quiz", "Quiz", _C.QUIZ_NOT_PASSED, "quiz", Decimal("0.80"), Unit.PERCENT),
)  # fmt: skip
MEANINGS: dict[LiveCode, str] = {
    LiveCode.CONSENT_MISSING: "you have not agreed to trade with real money",
    LiveCode.PLAN_FORBIDS_LIVE: "your plan is for paper trading only, or is not paid",
    LiveCode.ACCOUNT_NOT_VERIFIED: "no live account of yours is verified",
    LiveCode.CERTIFICATE_MISSING: "the strategy version has no certificate that is valid now",
    LiveCode.PAPER_TIME_TOO_SHORT: "it has traded on paper for too short a time",
    LiveCode.PAPER_TRADES_TOO_FEW: "too few trades were closed on paper",
    LiveCode.PAPER_NET_TOO_LOW: "it has not earned enough on paper",
    LiveCode.PAPER_DRAWDOWN_TOO_DEEP: "it has fallen too far from its highest equity on paper",
    LiveCode.PAPER_WIN_RATE_TOO_LOW: "too few of its trades on paper were won",
    LiveCode.PAPER_SHARPE_TOO_LOW: "its days on paper varied too much for what they earned",
    LiveCode.PAPER_PROFIT_FACTOR_TOO_LOW: "its wins on paper are too small beside its losses",
    LiveCode.PAPER_REWARD_TOO_LOW: "its average win on paper is too small beside its average loss",
    LiveCode.QUIZ_NOT_PASSED: "the quiz has not been passed",
}


def checks(needs: Needs, evidence: Evidence) -> tuple[Check, ...]:
    """All of them, in the order in which the first that is not met is named."""
    return (*needed(needs), *(_criterion(each, evidence) for each in CRITERIA))


def needed(needs: Needs) -> tuple[Check, ...]:
    """What nobody goes live without, however well they have traded."""
    return tuple(
        Check(Section.NEEDED, name, title, code, STATES[fact.holds], fact.said, "")
        for name, (title, code) in NEEDED.items()
        for fact in [getattr(needs, name)]
    )


def first_unmet(found: Sequence[Check]) -> Check | None:
    return next((check for check in found if not check.is_met), None)


def _criterion(criterion: Criterion, evidence: Evidence) -> Check:
    value: Decimal | None = getattr(evidence, criterion.fact)
    limit = _said(criterion.limit, criterion.unit)
    words = f"at most {limit}" if criterion.is_most else f"at least {limit}"
    if value is None or not value.is_finite():
        state, said = State.NOT_KNOWN, "not known"
    else:
        is_met = value <= criterion.limit if criterion.is_most else value >= criterion.limit
        rounding = ROUND_CEILING if criterion.is_most else ROUND_FLOOR
        state, said = STATES[is_met], _said(value, criterion.unit, rounding)
    return Check(
        criterion.section, criterion.name, criterion.title, criterion.code, state, said, words
    )


def _said(value: Decimal, unit: Unit, rounding: str = ROUND_FLOOR) -> str:
    """With two places, rounded against who would go live: 44.999 % is not said to be 45 %."""
    if unit is Unit.PERCENT:
        return f"{_two_places(value * HUNDRED, rounding)} %"
    if unit is Unit.DAYS:
        return f"{_two_places(value / 24, rounding)} days"
    return f"{_two_places(value, rounding)} {unit}".rstrip()


def _two_places(value: Decimal, rounding: str) -> str:
    return plain(value.quantize(Decimal("0.01"), rounding))
