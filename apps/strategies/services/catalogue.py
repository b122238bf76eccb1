"""Strategies and their versions: what may run, fixed for good once created."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from apps.common import db
from apps.common.errors import Refused
from apps.market.models import Instrument
from apps.strategies.models import Strategy, StrategyVersion
from trading.candles import Timeframe
from trading.regime import Regime
from trading.strategies import REGISTRY, ParametersNotUsable


@db.transaction
def register_strategies() -> None:
    """A row for every strategy that ships with the platform. Harmless to repeat."""
    for strategy in REGISTRY.values():
        Strategy.objects.update_or_create(
            code=strategy.code, defaults={"name": strategy.title, "description": strategy.idea}
        )


@db.transaction
def create_version(
    code: str,
    number: str,
    *,
    timeframe: Timeframe,
    instruments: Iterable[Instrument],
    parameters: Mapping[str, object] | None = None,
    blocked_regimes: Collection[Regime] = (),
    **defaults: Any,
) -> StrategyVersion:
    """A new version of a registered strategy, that enters nothing in the markets it blocks.
    `defaults` are what subscriptions inherit.

    Raises Refused UNKNOWN_STRATEGY, PARAMETERS_NOT_USABLE, VERSION_EXISTS.
    """
    built_in = REGISTRY.get(code)
    if built_in is None:
        raise Refused("UNKNOWN_STRATEGY", f"There is no strategy '{code}'.")
    try:
        parsed = built_in.parse(parameters or {})
    except ParametersNotUsable as error:
        raise Refused("PARAMETERS_NOT_USABLE", str(error)) from error
    strategy = Strategy.objects.get(code=code)
    if StrategyVersion.objects.filter(strategy=strategy, number=number).exists():
        raise Refused("VERSION_EXISTS", f"{code} {number} exists; a change needs a new number.")
    version = StrategyVersion.objects.create(
        strategy=strategy,
        number=number,
        parameters=asdict(parsed),
        content_hash=built_in.content_hash(),
        timeframe=timeframe,
        warmup_candles=built_in.warmup(parsed),
        blocked_regimes=[regime.value for regime in blocked_regimes],
        **{"sizing": built_in.sizing.value, **defaults},
    )
    version.instruments.set(instruments)
    return version
