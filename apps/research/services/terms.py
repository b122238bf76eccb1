"""What a person sets of a backtest, beside which strategy, instruments and candles: the one schema
of `BacktestRun.settings`, of the API, of the page and of `manage.py backtest`.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.common.errors import Refused
from trading.backtest import Settings, Sizing
from trading.gates.bounds import NO_BOUNDS, Bounds, bounds_kept, in_force
from trading.gates.values import Limits
from trading.instruments import InstrumentRules
from trading.sizing import SizingPolicy
from trading.strategies import REGISTRY, ParametersNotUsable, Strategy

NO_LIMIT = Decimal(1_000_000)  # times the cash in one day
LARGEST = Decimal(10) ** 15
ALL_OF_IT = Decimal(1)
MOST_SLIPPAGE_BPS = 10_000
MOST_PLACES = 18  # behind the point, as the database keeps


@dataclass(frozen=True, slots=True)
class Terms:
    """`fee` is a fraction of each fill, None = as the instrument says; `risk` a fraction of the
    cash, with Sizing.RISK; `quantity` units, with Sizing.FIXED; `participation` the most of a
    candle's volume that one order takes, None = without limit. `parameters` are those that differ
    from the version's. `bounds` and `symbols` are the limits that held for who asked, when they
    asked; without any the strategy is tried alone.
    """

    cash: Decimal = Decimal(100_000)
    currency: str = ""  # empty = what the instruments are paid in
    fee: Decimal | None = None
    slippage_bps: int = 0
    sizing: Sizing = Sizing.ALL_IN
    risk: Decimal = Decimal("0.01")
    quantity: Decimal = Decimal(1)
    participation: Decimal | None = None
    long_only: bool = False
    parameters: Mapping[str, float] = field(default_factory=dict)
    bounds: Bounds = NO_BOUNDS
    symbols: frozenset[str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Decimals as text in their shortest form, so that equal terms are equal texts."""
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)}

    def rules(self, of: InstrumentRules) -> InstrumentRules:
        """The instrument's, with what is set of them here."""
        return replace(
            of,
            maker_fee=of.maker_fee if self.fee is None else self.fee,
            taker_fee=of.taker_fee if self.fee is None else self.fee,
            is_shortable=of.is_shortable and not self.long_only,
        )


def terms_of(given: Mapping[str, object]) -> Terms:
    """What was given, checked; the rest as `Terms` says.

    Raises Refused UNKNOWN_SETTING, NUMBER_NOT_USABLE, SIZING_NOT_USABLE, SETTING_NOT_USABLE,
    PARAMETERS_NOT_USABLE.
    """
    known = {item.name for item in fields(Terms)}
    for name in given:
        if name not in known:
            raise Refused("UNKNOWN_SETTING", f"There is no setting '{name}'.")
    return Terms(**{name: _CHECKS[name](name, value) for name, value in given.items()})


def parsed_parameters(strategy: Strategy, values: Mapping[str, object]) -> Any:
    """Raises Refused PARAMETERS_NOT_USABLE."""
    try:
        return strategy.parse(values)
    except ParametersNotUsable as error:
        raise Refused("PARAMETERS_NOT_USABLE", str(error)) from error


def built_in(code: str) -> Strategy:
    """Raises Refused UNKNOWN_STRATEGY."""
    strategy = REGISTRY.get(code)
    if strategy is None:
        known = ", ".join(sorted(REGISTRY))
        raise Refused("UNKNOWN_STRATEGY", f"There is no strategy '{code}'. Known: {known}.")
    return strategy


def settings_of(
    terms: Terms,
    strategy: Strategy,
    parameters: Any,
    *,
    instruments: int = 1,
    begins_at: datetime | None = None,
) -> Settings:
    """One subscription that may hold each of so many instruments at once."""
    is_risk = terms.sizing is Sizing.RISK
    limits = Limits(
        capital=terms.cash,
        risk_per_trade=terms.risk if is_risk else ALL_OF_IT,
        leverage=Decimal(1),
        max_positions=instruments,
        max_daily_loss=NO_LIMIT,
        warmup_candles=strategy.warmup(parameters),
        sizing=strategy.sizing if is_risk else SizingPolicy.RISK,
        bounds=terms.bounds,
    )
    return Settings(
        strategy=strategy,
        parameters=parameters,
        cash=terms.cash,
        currency=terms.currency,
        limits=limits,
        slippage_bps=terms.slippage_bps,
        begins_at=begins_at,
        sizing=terms.sizing,
        fixed_quantity=terms.quantity if terms.sizing is Sizing.FIXED else None,
        participation=terms.participation,
        symbols=terms.symbols,
    )


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Sizing):
        return str(value)
    if isinstance(value, Bounds):
        return {name: list(bound) for name, bound in in_force(value).items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return dict(value) if isinstance(value, Mapping) else value


def _number(name: str, value: object, *, least: Decimal | None, most: Decimal) -> Decimal:
    """Above zero, where no least number is named."""
    number = Decimal("NaN")
    if not isinstance(value, bool):
        with suppress(InvalidOperation):
            number = Decimal(str(value))
    is_low = not number.is_finite() or (number <= 0 if least is None else number < least)
    if is_low or number > most or number != round(number, MOST_PLACES):
        raise Refused("NUMBER_NOT_USABLE", f"{name} cannot be '{value}'.")
    return number


def _amount(name: str, value: object) -> Decimal:
    return _number(name, value, least=None, most=LARGEST)


def _fraction(name: str, value: object) -> Decimal:
    return _number(name, value, least=None, most=ALL_OF_IT)


def _fraction_or_none(name: str, value: object) -> Decimal | None:
    return None if value is None else _fraction(name, value)


def _fee(name: str, value: object) -> Decimal | None:
    return None if value is None else _number(name, value, least=Decimal(0), most=ALL_OF_IT)


def _basis_points(name: str, value: object) -> int:
    number = _number(name, value, least=Decimal(0), most=Decimal(MOST_SLIPPAGE_BPS))
    if number != int(number):
        raise Refused("NUMBER_NOT_USABLE", f"{name} is a whole number, not '{value}'.")
    return int(number)


def _sizing(name: str, value: object) -> Sizing:
    try:
        return Sizing(str(value))
    except ValueError as error:
        known = ", ".join(Sizing)
        raise Refused("SIZING_NOT_USABLE", f"{name} is one of {known}, not '{value}'.") from error


def _currency(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > 15:  # noqa: PLR2004 - as Instrument.quote
        raise Refused("SETTING_NOT_USABLE", f"{name} is a code such as USD.")
    return value


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused("SETTING_NOT_USABLE", f"{name} is true or false.")
    return value


def _parameters(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise Refused("PARAMETERS_NOT_USABLE", f"{name} are numbers by their names.")
    return dict(value)


def _bounds(name: str, value: object) -> Bounds:
    if not isinstance(value, Mapping):
        raise Refused("SETTING_NOT_USABLE", f"{name} are a value and a source by their names.")
    try:
        return bounds_kept(value)
    except ValueError as error:
        raise Refused("SETTING_NOT_USABLE", f"{name}: {error}.") from error


def _symbols(name: str, value: object) -> frozenset[str] | None:
    if value is not None and not isinstance(value, list):
        raise Refused("SETTING_NOT_USABLE", f"{name} is a list.")
    return None if value is None else frozenset(map(str, value))


_CHECKS: Mapping[str, Any] = {
    "cash": _amount,
    "currency": _currency,
    "fee": _fee,
    "slippage_bps": _basis_points,
    "sizing": _sizing,
    "risk": _fraction,
    "quantity": _amount,
    "participation": _fraction_or_none,
    "long_only": _yes_or_no,
    "parameters": _parameters,
    "bounds": _bounds,
    "symbols": _symbols,
}
