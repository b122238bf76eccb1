"""What is taken for granted because it was not said."""

from collections.abc import Iterable, Mapping

from trading.tiers import CapitalTier

# The loss of today is held against the equity at its start: with one alone nobody is asked.
_OF_TODAY = ("daily_pnl", "start_of_day_equity")


def assumed(values: Mapping[str, object], tier_of_plan: CapitalTier | None) -> Iterable[str]:
    if values.get("tier") is None:
        yield "the tier by the capital" if tier_of_plan is None else "the tier of the plan"
    if values.get("plan") is None:
        yield "no limits of a plan"
    if values.get("mode") is None:
        yield "a live order"
    if values.get("trading_state") is None:
        yield "no kill switch tripped"
    if "exposure" not in values:
        yield "nothing in positions"
    if "open_positions" in values:
        yield "no positions in other accounts"
    unsaid = [name for name in _OF_TODAY if name not in values]
    if len(unsaid) == 1:
        yield f"no loss today, since {unsaid[0]} is not said"
