"""Who may hold what, in which market: always all of it, never more."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.allocation import (
    Allocation,
    Amounts,
    RiskTolerance,
    Shares,
    allocate,
    constrain,
    split,
    tolerate,
)
from trading.regime import Regime
from trading.tiers import CapitalTier, tier_of

MODERATE, BALLER = RiskTolerance.MODERATE, CapitalTier.BALLER
REGIMES = st.sampled_from([*Regime, None])
TIERS = st.sampled_from(CapitalTier)
TOLERANCES = st.sampled_from(RiskTolerance)
CAPITALS = st.decimals(0, Decimal(10) ** 20 - 1, places=18)


@st.composite
def shares(draw: st.DrawFn) -> Shares:
    """Any, to a hundredth of a point."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=3, max_size=3)))
    bounds = [0, *cuts, 10_000]
    parts = [Decimal(b - a).scaleb(-2) for a, b in pairwise(bounds)]
    return Shares(*parts)


def of(crypto: str, equity: str, derivatives: str = "0", cash: str = "0") -> Shares:
    return Shares(Decimal(crypto), Decimal(equity), Decimal(derivatives), Decimal(cash))


def told(
    regime: Regime | None,
    tier: CapitalTier = BALLER,
    tolerance: RiskTolerance = MODERATE,
    volatility: float | None = None,
) -> Allocation:
    return allocate(regime, tier, tolerance, Decimal(1_000), crypto_volatility=volatility)


@pytest.mark.parametrize(
    ("regime", "expected"),
    [
        (Regime.TRENDING_UP, of("80", "20")),
        (Regime.HIGH_VOLATILITY, of("70", "30")),
        (Regime.LOW_VOLATILITY, of("40", "60")),
        (Regime.RISK_OFF, of("20", "30", cash="50")),
        (Regime.RANGING, of("50", "50")),
        (Regime.TRENDING_DOWN, of("40", "40", cash="20")),
        (None, of("40", "40", cash="20")),
    ],
)
def test_the_table(regime: Regime | None, expected: Shares) -> None:
    assert told(regime).shares == expected


@pytest.mark.parametrize(("volatility", "crypto"), [(70.0, 70), (70.01, 90), (None, 70)])
def test_high_volatility_is_split_above_70(volatility: float | None, crypto: int) -> None:
    assert told(Regime.HIGH_VOLATILITY, volatility=volatility).shares == of(
        str(crypto), str(100 - crypto)
    )


@pytest.mark.parametrize("regime", [*Regime, None])
@pytest.mark.parametrize("tier", [CapitalTier.MICRO, CapitalTier.STARTER, CapitalTier.SAVER])
def test_the_small_hold_crypto_only_and_most_of_it_as_cash_when_everybody_flees(
    regime: Regime | None, tier: CapitalTier
) -> None:
    expected = of("20", "0", cash="80") if regime is Regime.RISK_OFF else of("100", "0")
    assert told(regime, tier).shares == expected


@pytest.mark.parametrize("tier", [CapitalTier.INVESTOR, CapitalTier.INCOME, CapitalTier.LIVABLE])
def test_derivatives_are_spread_over_crypto_and_equities(tier: CapitalTier) -> None:
    allowed, why = constrain(of("50", "25", "20", "5"), tier, Regime.RANGING)
    assert allowed == of("63.33", "31.67", cash="5")
    assert why.endswith("holds no derivatives: 63.33 % crypto, 31.67 % equities and 5 % cash.")


def test_derivatives_with_nothing_to_spread_them_over_become_cash() -> None:
    allowed, _ = constrain(of("0", "0", "90", "10"), CapitalTier.INCOME, None)
    assert allowed == of("0", "0", cash="100")


def test_the_largest_tier_keeps_its_derivatives() -> None:
    given_to_it = of("50", "25", "20", "5")
    assert constrain(given_to_it, BALLER, Regime.RANGING) == (given_to_it, "")


@pytest.mark.parametrize(
    ("regime", "conservative", "aggressive"),
    [
        (Regime.TRENDING_UP, of("65", "20", cash="15"), of("95", "5")),
        (Regime.RISK_OFF, of("5", "30", cash="65"), of("35", "30", cash="35")),
        (Regime.RANGING, of("35", "50", cash="15"), of("65", "35")),
        (Regime.TRENDING_DOWN, of("25", "40", cash="35"), of("55", "40", cash="5")),
    ],
)
def test_tolerance_moves_fifteen_points(
    regime: Regime, conservative: Shares, aggressive: Shares
) -> None:
    assert told(regime, tolerance=RiskTolerance.CONSERVATIVE).shares == conservative
    assert told(regime, tolerance=RiskTolerance.AGGRESSIVE).shares == aggressive


def test_tolerance_moves_no_more_than_there_is() -> None:
    bold, _ = tolerate(of("88", "7", cash="5"), RiskTolerance.AGGRESSIVE)
    assert bold == of("100", "0")
    safe, _ = tolerate(of("10", "90"), RiskTolerance.CONSERVATIVE)
    assert safe == of("0", "90", cash="10")
    assert tolerate(of("100", "0"), RiskTolerance.AGGRESSIVE) == (of("100", "0"), "")


def test_every_step_that_had_a_say_is_told() -> None:
    assert told(
        Regime.HIGH_VOLATILITY, CapitalTier.SAVER, RiskTolerance.CONSERVATIVE, 71.0
    ).reasons == (
        "In a high-volatility market, and crypto volatility is above 70: "
        "90 % crypto and 10 % equities.",
        "Tier SAVER holds crypto only: 100 % crypto.",
        "Conservative moves 15 points from crypto to cash: 85 % crypto and 15 % cash.",
    )
    assert told(None).reasons == (
        "What kind of market it is, is not known yet: 40 % crypto, 40 % equities and 20 % cash.",
    )


def test_money_is_split_in_cents_and_the_rest_stays_in_cash() -> None:
    thirds = of("33.33", "33.33", "33.33", "0.01")
    assert split(Decimal("100.01"), thirds) == Amounts(
        Decimal("33.33"), Decimal("33.33"), Decimal("33.33"), Decimal("0.02")
    )


@settings(max_examples=150)
@given(REGIMES, TIERS, TOLERANCES, CAPITALS, st.none() | st.floats(0, 100))
def test_shares_are_whole_and_so_is_the_money(
    regime: Regime | None,
    tier: CapitalTier,
    tolerance: RiskTolerance,
    capital: Decimal,
    volatility: float | None,
) -> None:
    found = allocate(regime, tier, tolerance, capital, crypto_volatility=volatility)
    assert sum(found.shares.parts) == 100
    assert min(found.amounts) >= 0
    _assert_sums(found.amounts, capital)


@settings(max_examples=150)
@given(shares(), TIERS, REGIMES, TOLERANCES, CAPITALS)
def test_any_shares_stay_whole_through_every_step(
    before: Shares,
    tier: CapitalTier,
    regime: Regime | None,
    tolerance: RiskTolerance,
    capital: Decimal,
) -> None:
    allowed, _ = constrain(before, tier, regime)
    after, _ = tolerate(allowed, tolerance)  # Shares refuses what does not sum to 100
    assert tier is BALLER or not after.derivatives
    assert abs(after.crypto - allowed.crypto) <= 15
    _assert_sums(split(capital, after), capital)


def _assert_sums(amounts: Amounts, capital: Decimal) -> None:
    """As fractions: a sum of decimals would round."""
    assert sum(map(Fraction, amounts)) == Fraction(capital)


@pytest.mark.parametrize("capital", ["-0.01", "NaN", "Infinity"])
def test_capital_that_cannot_be_is_refused(capital: str) -> None:
    with pytest.raises(ValueError, match="capital must be 0 or more"):
        split(Decimal(capital), of("100", "0"))


@pytest.mark.parametrize("parts", [("50", "49.99"), ("110", "-10"), ("0", "0")])
def test_shares_that_are_not_whole_are_refused(parts: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="must sum to 100"):
        of(*parts)


@pytest.mark.parametrize(
    ("equity", "tier"),
    [
        ("-5", "micro"), ("49.99", "micro"), ("50", "starter"), ("99.99", "starter"),
        ("100", "saver"), ("250", "investor"), ("999.99", "investor"), ("1000", "income"),
        ("5000", "livable"), ("24999.99", "livable"), ("25000", "baller"), ("1e12", "baller"),
    ],
)  # fmt: skip
def test_a_tier_is_reached_by_equity(equity: str, tier: str) -> None:
    assert tier_of(Decimal(equity)) == tier


def test_no_tier_is_made_of_no_number() -> None:
    with pytest.raises(ValueError, match="equity must be a number"):
        tier_of(Decimal("NaN"))
