"""How capital is shared between crypto, equities, derivatives and cash. Pure.

Four steps, each told in words: the table by regime; what the capital tier allows; how much risk
its owner tolerates; the split of the money. Shares are percent and always sum to exactly 100.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal
from enum import StrEnum
from typing import NamedTuple

from trading.money import ZERO
from trading.regime import Regime
from trading.tiers import CapitalTier

HUNDRED = Decimal(100)
# Of HIGH_VOLATILITY: above this (not at it) crypto takes more still.
EXTREME_VOLATILITY = 70.0
MOVED_BY_TOLERANCE = Decimal(15)  # points, between crypto and what is safer
_POINT, _CENT = Decimal("0.01"), Decimal("0.01")
# Wide enough that no digit of a database number is lost.
_EXACT = Context(prec=76, rounding=ROUND_DOWN)
CRYPTO_ONLY = frozenset({CapitalTier.MICRO, CapitalTier.STARTER, CapitalTier.SAVER})
WITH_DERIVATIVES = frozenset({CapitalTier.BALLER})


class RiskTolerance(StrEnum):
    CONSERVATIVE = "conservative"
    MODERATE = "moderate"
    AGGRESSIVE = "aggressive"


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent of the capital. Raises ValueError unless none is negative and they sum to 100."""

    crypto: Decimal = ZERO
    equity: Decimal = ZERO
    derivatives: Decimal = ZERO
    cash: Decimal = ZERO

    def __post_init__(self) -> None:
        if min(self.parts) < 0 or sum(self.parts, ZERO) != HUNDRED:
            raise ValueError(f"shares must sum to 100 and none may be negative: {self}")

    @property
    def parts(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        return self.crypto, self.equity, self.derivatives, self.cash


class Amounts(NamedTuple):
    """Money, by class; they sum to the capital."""

    crypto: Decimal
    equity: Decimal
    derivatives: Decimal
    cash: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """`reasons` are sentences, one for each step that had a say, in order."""

    shares: Shares
    amounts: Amounts
    reasons: tuple[str, ...]


def _row(crypto: int, equity: int, derivatives: int, cash: int) -> Shares:
    return Shares(Decimal(crypto), Decimal(equity), Decimal(derivatives), Decimal(cash))


TABLE: dict[Regime | None, Shares] = {
    Regime.TRENDING_UP: _row(80, 20, 0, 0),
    Regime.HIGH_VOLATILITY: _row(70, 30, 0, 0),
    Regime.LOW_VOLATILITY: _row(40, 60, 0, 0),
    Regime.RISK_OFF: _row(20, 30, 0, 50),
    Regime.RANGING: _row(50, 50, 0, 0),
    Regime.TRENDING_DOWN: _row(40, 40, 0, 20),
    None: _row(40, 40, 0, 20),  # not known: as when the market falls
}
EXTREME = _row(90, 10, 0, 0)
ALL_CRYPTO = _row(100, 0, 0, 0)
# Who may hold nothing but crypto still leaves most of it when everybody flees.
CRYPTO_ONLY_RISK_OFF = _row(20, 0, 0, 80)


def allocate(
    regime: Regime | None,
    tier: CapitalTier,
    tolerance: RiskTolerance,
    capital: Decimal,
    *,
    crypto_volatility: float | None = None,
) -> Allocation:
    """`regime` None = not known. `crypto_volatility` (0 to 100) parts HIGH_VOLATILITY in two; not
    known, the smaller crypto share holds. Raises ValueError for capital below 0 or no number.
    """
    row, why = by_regime(regime, crypto_volatility)
    allowed, because_of_tier = constrain(row, tier, regime)
    wanted, because_of_tolerance = tolerate(allowed, tolerance)
    said = (why, because_of_tier, because_of_tolerance)
    return Allocation(wanted, split(capital, wanted), tuple(filter(None, said)))


def by_regime(regime: Regime | None, crypto_volatility: float | None) -> tuple[Shares, str]:
    """The row of the table, and why."""
    row = TABLE[regime]
    if regime is None:
        return row, f"What kind of market it is, is not known yet: {_said(row)}."
    is_extreme = crypto_volatility is not None and crypto_volatility > EXTREME_VOLATILITY
    if regime is Regime.HIGH_VOLATILITY and is_extreme:
        limit = f"crypto volatility is above {EXTREME_VOLATILITY:g}"
        return EXTREME, f"In a high-volatility market, and {limit}: {_said(EXTREME)}."
    return row, f"In a {regime.value.replace('_', '-')} market: {_said(row)}."


def constrain(shares: Shares, tier: CapitalTier, regime: Regime | None) -> tuple[Shares, str]:
    """What the tier may hold of it, and why; no words where nothing changes."""
    if tier in CRYPTO_ONLY:
        allowed = CRYPTO_ONLY_RISK_OFF if regime is Regime.RISK_OFF else ALL_CRYPTO
        return allowed, f"Tier {tier.value.upper()} holds crypto only: {_said(allowed)}."
    if tier in WITH_DERIVATIVES or not shares.derivatives:
        return shares, ""
    allowed = _without_derivatives(shares)
    return allowed, f"Tier {tier.value.upper()} holds no derivatives: {_said(allowed)}."


def tolerate(shares: Shares, tolerance: RiskTolerance) -> tuple[Shares, str]:
    """Conservative: up to 15 points from crypto to cash. Aggressive: up to 15 points to crypto,
    from cash first, from equities where there is no cash (left). No words where nothing moves.
    """
    if tolerance is RiskTolerance.CONSERVATIVE and shares.crypto:
        moved = min(MOVED_BY_TOLERANCE, shares.crypto)
        safer = replace(shares, crypto=shares.crypto - moved, cash=shares.cash + moved)
        return safer, f"Conservative moves {moved} points from crypto to cash: {_said(safer)}."
    if tolerance is RiskTolerance.AGGRESSIVE:
        from_cash = min(MOVED_BY_TOLERANCE, shares.cash)
        from_equity = min(MOVED_BY_TOLERANCE - from_cash, shares.equity)
        moved = from_cash + from_equity
        if moved:
            bolder = replace(
                shares, crypto=shares.crypto + moved, cash=shares.cash - from_cash,
                equity=shares.equity - from_equity,
            )  # fmt: skip
            return bolder, f"Aggressive moves {moved} points to crypto: {_said(bolder)}."
    return shares, ""


def split(capital: Decimal, shares: Shares) -> Amounts:
    """Each class rounded down to a cent; what that leaves over stays in cash, so that the amounts
    sum to the capital to its last digit. Raises ValueError for capital below 0 or no number.
    """
    if not capital.is_finite() or capital < 0:
        raise ValueError(f"capital must be 0 or more, not {capital}")
    crypto, equity, derivatives = (_part(capital, share) for share in shares.parts[:3])
    cash = capital
    for part in (crypto, equity, derivatives):
        cash = _EXACT.subtract(cash, part)
    return Amounts(crypto, equity, derivatives, cash)


def _part(capital: Decimal, percent: Decimal) -> Decimal:
    whole = _EXACT.multiply(capital, percent)
    return _EXACT.divide(whole, HUNDRED).quantize(_CENT, context=_EXACT)


def _without_derivatives(shares: Shares) -> Shares:
    """Spread over crypto and equities as they stand to each other; to cash where there is neither.
    Crypto is rounded down to a hundredth of a point.
    """
    spot = shares.crypto + shares.equity
    if not spot:
        return Shares(cash=HUNDRED)
    grown = shares.crypto * (spot + shares.derivatives) / spot
    crypto = grown.quantize(_POINT, ROUND_DOWN)
    return Shares(crypto=crypto, equity=HUNDRED - shares.cash - crypto, cash=shares.cash)


def _said(shares: Shares) -> str:
    """`80 % crypto and 20 % equities`"""
    names = ("crypto", "equities", "derivatives", "cash")
    parts = [
        f"{share.normalize():f} % {name}"
        for name, share in zip(names, shares.parts, strict=True)
        if share
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
