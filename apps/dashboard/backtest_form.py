"""The form that starts a backtest: what may be typed, what was, and what is wrong with it.

The rules are those of `apps/research/services`; here each refusal finds its field.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.http import QueryDict

from apps.common.errors import Refused
from apps.dashboard.selectors.stored import Stored, stored_candles
from apps.market.models import Instrument
from apps.research.models import BacktestRun
from apps.research.services.limits import LimitsChoice, choice_of, limits_chosen
from apps.research.services.requests import Request
from apps.research.services.terms import Terms, built_in, parsed_parameters, terms_of
from apps.strategies.models import StrategyVersion
from trading.backtest import Sizing

CHECKBOX = "long_only"
PARAMETER = "parameter."  # what the names of their fields begin with
SIZINGS = {
    Sizing.ALL_IN: "all the free cash",
    Sizing.RISK: "by what is lost at the stop",
    Sizing.FIXED: "the same units each time",
}
SETTINGS = {
    "cash": ("Cash", "What the account begins with."),
    "fee": ("Fee", "A fraction of each fill, as in 0.001. Empty: what the instrument says."),
    "slippage_bps": ("Slippage", "Basis points against you; 1 is 0.01 %."),
    "sizing": ("Size of an entry", ""),
    "risk": ("Risk", "A fraction of the cash; with a size by what is lost at the stop."),
    "quantity": ("Units", "With the same units each time."),
    "participation": (
        "Part of the volume",
        "The most of a candle's volume that one order takes, as in 0.1. Empty: no limit.",
    ),
    CHECKBOX: ("Never sell short", ""),
}
LIMITS = "limits"
LIMITS_OF = {
    LimitsChoice.MINE: "mine, as they hold on paper",
    LimitsChoice.NONE: "none: the strategy alone",
}
MAY_BE_EMPTY = ("fee", "participation")
PERIOD = {
    "began_at": ("From (UTC)", "Empty: from the first candle that is stored."),
    "until": ("To (UTC)", "Empty: to the last one."),
}
FIELD_OF = {
    "UNKNOWN_STRATEGY": "version",
    "UNKNOWN_TIMEFRAME": "timeframe",
    "NO_CANDLES": "timeframe",
    "NO_INSTRUMENTS": "instruments",
    "ONE_VENUE": "instruments",
    "CURRENCY_MISMATCH": "instruments",
    "NO_MARKET_CLOCK": "instruments",
    "PERIOD_NOT_USABLE": "until",
    "TOO_MANY_CANDLES": "began_at",
    "PARAMETERS_NOT_USABLE": "parameters",
}

Typed = dict[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """`problem` is why what was typed cannot be used."""

    name: str
    label: str
    about: str
    value: str
    problem: Refused | None = None
    options: Sequence[tuple[str, str]] = ()

    @property
    def is_checkbox(self) -> bool:
        return self.name == CHECKBOX


class Choice(NamedTuple):
    value: str
    symbol: str
    is_chosen: bool


@dataclass(slots=True)
class BacktestForm:
    """`problems` are by the name of a field; the empty name is the whole form."""

    version: StrategyVersion
    typed: Typed
    chosen: set[str]
    problems: dict[str, Refused] = field(default_factory=dict)
    instruments: Sequence[Instrument] = field(init=False)
    stored: Sequence[Stored] = field(init=False)

    def __post_init__(self) -> None:
        self.instruments = list(self.version.instruments.order_by("symbol"))
        self.stored = stored_candles([item.pk for item in self.instruments])

    @property
    def parameters(self) -> Iterator[Field]:
        for item in fields(built_in(self.version.strategy.code).parameters):
            told = item.metadata
            about = f"{told['about']}; {told['minimum']:g} to {told['maximum']:g}"
            yield self._field(PARAMETER + item.name, item.name.replace("_", " "), about)

    @property
    def settings(self) -> Iterator[Field]:
        for name, (label, about) in SETTINGS.items():
            yield self._field(name, label, about, SIZINGS if name == "sizing" else {})
        about = "Those of your plan, of an account of this size, and your own."
        yield self._field(LIMITS, "Limits", about, LIMITS_OF)

    @property
    def period(self) -> Iterator[Field]:
        lengths = {item.timeframe.value: item.timeframe.value for item in self.stored}
        yield self._field("timeframe", "Candles", "", lengths)
        for name, (label, about) in PERIOD.items():
            yield self._field(name, label, about)

    @property
    def instruments_chosen(self) -> Iterator[Choice]:
        for item in self.instruments:
            yield Choice(str(item.pk), item.symbol, str(item.pk) in self.chosen)

    @property
    def whole(self) -> Refused | None:
        """What is about no field."""
        return self.problems.get("")

    def _field(
        self, name: str, label: str, about: str, options: Mapping[Any, str] | None = None
    ) -> Field:
        listed = [(str(value), words) for value, words in (options or {}).items()]
        return Field(name, label, about, self.typed.get(name, ""), self.problems.get(name), listed)

    def request(self) -> Request | None:
        """What is asked for; None where something cannot be used, and `problems` say what."""
        began_at, until = self._moment("began_at"), self._moment("until")
        given = self._settings()
        given["parameters"] = self._parameters()
        limits = self._limits()
        if not self.chosen:
            self.refuse(Refused("NO_INSTRUMENTS", "Choose at least one instrument."))
        if self.problems:
            return None
        return Request(
            version=self.version,
            terms=given,
            instruments=[item for item in self.instruments if str(item.pk) in self.chosen],
            timeframe=self.typed.get("timeframe", ""),
            began_at=began_at,
            until=until,
            limits=limits,
        )

    def refuse(self, refused: Refused) -> None:
        """Shown beside the field that it is about."""
        name = FIELD_OF.get(refused.code, "")
        about = PARAMETER + refused.message.partition(" ")[0]
        self.problems.setdefault(about if about in self.typed else name, refused)

    def _settings(self) -> dict[str, object]:
        texts = {name: self.typed.get(name, "").strip() for name in SETTINGS}
        found: dict[str, object] = {**texts, CHECKBOX: bool(texts[CHECKBOX])}
        found |= {name: texts[name] or None for name in MAY_BE_EMPTY}
        return {name: value for name, value in found.items() if self._is_good(name, value)}

    def _is_good(self, name: str, value: object) -> bool:
        try:
            terms_of({name: value})
        except Refused as refused:
            self.problems[name] = refused
            return False
        return True

    def _limits(self) -> LimitsChoice:
        try:
            return limits_chosen(self.typed.get(LIMITS, LimitsChoice.MINE))
        except Refused as refused:
            self.problems[LIMITS] = refused
            return LimitsChoice.MINE

    def _parameters(self) -> dict[str, float]:
        """Those that differ from the version's."""
        code = self.version.strategy.code
        own = asdict(built_in(code).parse(self.version.parameters))
        found = {}
        for name in own:
            text = self.typed.get(PARAMETER + name, "").strip()
            try:
                found[name] = int(text) if text.isdecimal() else float(text)
            except ValueError:
                words = f"{name} must be a number, not '{text}'."
                self.problems[PARAMETER + name] = Refused("PARAMETERS_NOT_USABLE", words)
        try:
            parsed_parameters(built_in(code), {**own, **found})
        except Refused as refused:
            self.refuse(refused)
        return {name: value for name, value in found.items() if value != own[name]}

    def _moment(self, name: str) -> datetime | None:
        text = self.typed.get(name, "").strip()
        if not text:
            return None
        try:
            said = datetime.fromisoformat(text)
        except ValueError:
            words = f"'{text}' is no moment: write it as in 2026-06-01 or 2026-06-01 14:00."
            self.problems[name] = Refused("PERIOD_NOT_USABLE", words)
            return None
        return said.replace(tzinfo=said.tzinfo or UTC)


def form_as_typed(version: StrategyVersion, posted: QueryDict) -> BacktestForm:
    typed = {name: str(posted[name]) for name in posted}
    return BacktestForm(version, typed, set(posted.getlist("instruments")))


def form_of(version: StrategyVersion, like: BacktestRun | None = None) -> BacktestForm:
    """Filled in as the version says, or as an earlier run of it was."""
    terms = Terms() if like is None else terms_of(like.settings)
    typed = {name: _text(value) for name, value in terms.as_json().items() if name in SETTINGS}
    own = asdict(built_in(version.strategy.code).parse(version.parameters))
    values = {**own, **terms.parameters}
    typed |= {PARAMETER + name: str(value).removesuffix(".0") for name, value in values.items()}
    typed[LIMITS] = str(LimitsChoice.MINE if like is None else choice_of(terms))
    typed["timeframe"] = version.timeframe if like is None else like.timeframe
    if like is not None:
        typed["until"] = f"{like.until:%Y-%m-%d %H:%M}"
    if like is not None and like.began_at is not None:
        typed["began_at"] = f"{like.began_at:%Y-%m-%d %H:%M}"
    chosen = version.instruments if like is None else like.instruments
    return BacktestForm(version, typed, {str(pk) for pk in chosen.values_list("pk", flat=True)})


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)
