"""The settings of a run as whole numbers, and what of a run cannot be said so."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil

import numpy as np

from trading.backtest.settings import Market, Settings, Sizing, always_open
from trading.candle_history import places_of
from trading.compiled.book import MOST, Share, Terms
from trading.compiled.units import NotExpressible, Units, share, units_for
from trading.decisions import share_to_leave
from trading.instruments import InstrumentStatus
from trading.matching.amounts import share_to_open
from trading.matching.prices import slippage_share
from trading.money import AMOUNT_STEP, ONE, ZERO
from trading.signals import Direction, Side
from trading.sizing import SizingPolicy, cost_per_unit
from trading.strategies.columns import Columns

SIDES = (Side.BUY, Side.SELL)
DIRECTIONS = (Direction.LONG, Direction.SHORT)


def check_scope(settings: Settings, markets: Sequence[Market]) -> None:
    """Raises NotExpressible for what only the event path knows."""
    if len(markets) != 1:
        raise NotExpressible("several instruments share one capital")
    rules = markets[0].rules
    reasons = {
        "the account has limits, about which only the event path asks": settings.is_limited,
        "the limits leave the instrument out": not settings.allows(rules.symbol),
        "the strategy has no columns": settings.strategy.columns is None,
        "a candle gives only a part of its volume": settings.participation is not None,
        "funding is due": bool(markets[0].funding),
        "the exchange closes": markets[0].is_open is not always_open,
        "the instrument does not trade": rules.status is not InstrumentStatus.TRADING,
        "the account has another currency": rules.quote != settings.currency,
        "the signal says the size": settings.limits.sizing is not SizingPolicy.RISK,
        "all of a capital with leverage is taken": settings.sizing is Sizing.ALL_IN
        and settings.limits.leverage != 1,
        "nothing is risked": settings.limits.risk_per_trade <= 0,
        "the quantity is missing": settings.sizing is Sizing.FIXED
        and settings.fixed_quantity is None,
    }
    for reason, holds in reasons.items():
        if holds:
            raise NotExpressible(reason)
    if rules.is_shortable:
        _check_margins(markets[0])


def _check_margins(market: Market) -> None:
    ratio = (1 + Fraction(market.rules.maintenance_margin)) / (
        1 + Fraction(market.rules.initial_margin)
    )
    rest = ratio.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    # Where it has no end, the 28 digits of a Decimal may round across an increment.
    if rest != 1:
        raise NotExpressible("the margins have a ratio without an end")


def units_of(settings: Settings, market: Market, places: int) -> Units:
    rules, limits = market.rules, settings.limits
    amounts = [settings.cash, rules.min_notional]
    if settings.sizing is not Sizing.ALL_IN:
        amounts += [limits.capital, limits.capital * limits.leverage]
    return units_for(
        max(places, places_of(rules.price_increment)),
        (rules.quantity_increment, rules.min_quantity, settings.fixed_quantity or ZERO),
        tuple(amounts),
    )


def terms_of(
    settings: Settings, market: Market, units: Units, columns: Columns, highest: float
) -> Terms:
    """Raises NotExpressible where a number has too many digits."""
    rules, limits = market.rules, settings.limits
    amount, increment = units.money(AMOUNT_STEP), units.price(rules.price_increment)
    takes_all, is_fixed = settings.sizing is Sizing.ALL_IN, settings.fixed_quantity is not None
    stop, target = _fraction(columns.stop_fraction), _fraction(columns.target_fraction)
    slippage = [slippage_share(settings.slippage_bps, buys=buys) for buys in (True, False)]
    ratio = (1 + Fraction(rules.maintenance_margin)) / (1 + Fraction(rules.initial_margin))
    capital = 0 if takes_all else units.money(limits.capital)
    return Terms(
        scale=units.scale,
        money=units.money_scale,
        highest=int(np.rint(highest * units.scale)),
        increment=increment,
        step=units.quantity(rules.quantity_increment),
        amount=amount,
        whole=share(ONE, max(amount, increment)),
        paid=share(slippage[0], increment),
        got=share(slippage[1], increment),
        maker=share(rules.maker_fee, amount),
        taker=share(rules.taker_fee, amount),
        kept=share(1 + rules.initial_margin, amount),
        liquidation=share(ratio),
        is_shortable=rules.is_shortable,
        opens=_pair(share_to_open(side, rules.taker_fee, rules) for side in SIDES),
        reserves=_pair((cost_per_unit(ONE, rules, each) for each in DIRECTIONS), amount),
        freed=_pair((share_to_leave(rules, is_long=each) for each in (True, False)), amount),
        takes_all=takes_all,
        is_fixed=is_fixed,
        fixed=_fixed(settings, market, units) if is_fixed else 0,
        capital=capital,
        most=0 if takes_all else units.money(limits.capital * limits.leverage),
        risked=share(Fraction(stop or ONE) / Fraction(limits.risk_per_trade)),
        stops=_pair((1 - stop, 1 + stop), increment),
        targets=_pair((1 + target, max(ZERO, 1 - target)), increment),
        has_stop=bool(stop),
        has_target=(bool(target), bool(target) and target < 1),
        loss_share=float(limits.max_daily_loss),
        loss_most=_loss(capital, limits.max_daily_loss),
        losable=share(limits.max_daily_loss),
        max_positions=limits.max_positions,
        min_quantity=units.quantity(rules.min_quantity),
        min_notional=units.money(rules.min_notional),
    )


def _fixed(settings: Settings, market: Market, units: Units) -> int:
    wanted = settings.fixed_quantity or ZERO
    return max(0, units.quantity(market.rules.quantity_down(wanted)))


def _loss(capital: int, fraction: Decimal) -> int:
    return min(MOST, ceil(capital * Fraction(fraction)))


def _fraction(value: float) -> Decimal:
    """As `trading.signals` makes it exact."""
    return Decimal(repr(float(value)))


def _pair(values: Iterable[Decimal], step: int = 1) -> tuple[Share, Share]:
    long, short = values
    return share(long, step), share(short, step)
