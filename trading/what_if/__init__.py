"""What the gates would say about an order that nobody places: from one mapping of plain values.

A fact that is not mentioned is one that is never provided; one that is None is not known. What only
a subscription and its market could tell is not asked.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from trading.gates import CATALOGUE, TITLES, conclude, typed_size
from trading.gates.bounds import NO_BOUNDS, Bounds, in_force, strictest
from trading.gates.codes import GateCode
from trading.gates.dead_zones import needed
from trading.gates.risk_facts import AccessFacts, AccountFacts, MarketFacts, RiskFacts
from trading.gates.sentences import sentence
from trading.gates.severities import SEVERITIES
from trading.gates.sources import PLATFORM_DEFAULTS, hard_controls, of_plan, of_tier
from trading.gates.triggers import TriggerCause, severity_of, triggers_of
from trading.gates.values import Intent, Limits, Snapshot, Status, Verdict, not_applicable
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus
from trading.money import ZERO, plain
from trading.plans import PlatformPlan
from trading.what_if.reading import PUBLISHED, Offer, Told, read

# Answered by a subscription and its market, of which nothing is said here; so is the size that is
# asked for, which is held against the subscription's capital.
OF_SUBSCRIPTIONS = frozenset({*range(2, 11), typed_size.NUMBER})
_ONE = Decimal(1)


def published_bounds(told: Told) -> Bounds:
    """Of an operator who has set nothing: the documented defaults and the published catalogue."""
    plan = None if told.plan is None else PlatformPlan(told.plan)
    of_its_plan = NO_BOUNDS if plan is None else of_plan(plan, is_live=told.is_live)
    above = (hard_controls(plan), PLATFORM_DEFAULTS)
    untiered = None if told.own_tier is not None else strictest(*above, of_its_plan)
    return replace(strictest(*above, of_tier(told.tier), of_its_plan), untiered=untiered)


class Rules(NamedTuple):
    """What holds: `plans` that there are, by code, the `bounds` of what was told, what `never`
    trips a switch, and what is `assumed` of all this."""

    plans: Mapping[str, Offer] = PUBLISHED
    bounds: Callable[[Told], Bounds] = published_bounds
    never: Set[TriggerCause] = frozenset()
    assumed: Sequence[str] = ()


DOCUMENTED = Rules()


def ask(values: Mapping[str, object], rules: Rules = DOCUMENTED) -> dict[str, object]:
    """Every gate's answer and the outcome, ready for JSON: numbers as text. Raises NotUsable."""
    told = read(values, rules.plans)
    bounds = rules.bounds(told)
    verdicts = _verdicts(told, bounds)
    outcome, code = conclude(verdicts)
    return {
        "outcome": outcome.value,
        "code": code,
        "severity": severity_of(verdicts).name,
        "tier": told.tier.value.upper(),
        "plan": told.plan,
        "mode": told.mode.value,
        "tradable_capital": needed(bounds),
        "loss_at_stop": None if told.loss_at_stop is None else plain(told.loss_at_stop),
        "verdicts": [_said(verdict) for verdict in verdicts],
        "triggers": [
            {
                "cause": item.cause.value,
                "scope": item.scope.value,
                "state": item.state.name,
                "clears": item.clears.value,
            }
            for item in triggers_of(verdicts)
            if item.cause not in rules.never
        ],
        "limits": {
            name: {"value": value, "source": source}
            for name, (value, source) in in_force(bounds).items()
        },
        "assumed": [*told.assumed, *rules.assumed],
    }


def _verdicts(told: Told, bounds: Bounds) -> tuple[Verdict, ...]:
    # So many units at 1: what it is worth stays exact, and no gate asked looks at the price.
    intent = Intent(told.action, told.notional, _ONE, told.notional)
    limits = Limits(
        told.capital, ZERO, _ONE, max_positions=0, max_daily_loss=ZERO, warmup_candles=0,
        bounds=bounds,
    )  # fmt: skip
    snapshot = _snapshot(told)
    return tuple(
        not_applicable(gate.number, "subscription")
        if gate.number in OF_SUBSCRIPTIONS
        else gate.question(intent, snapshot, limits)
        for gate in CATALOGUE
    )


def _snapshot(told: Told) -> Snapshot:
    account = AccountFacts(
        equity=told.capital,
        available=told.capital - told.exposure,
        exposure=told.exposure,
        peak_equity=told.peak_equity,
        start_of_day_equity=told.start_of_day_equity,
        day_pnl=told.daily_pnl,
        open_positions=told.open_positions,
        users_positions=told.open_positions,
        trades_today=told.trades_today,
    )
    access = AccessFacts(mode=told.mode, plan_allows_live=told.plan_allows_live)
    market = MarketFacts(volatility=told.volatility)
    return Snapshot(
        rules=_rules(told.symbol),
        trading_state=told.trading_state,
        is_subscribed=True,
        is_symbol_allowed=True,
        is_market_open=None,
        account_currency="",
        candles_seen=None,
        free_cash=None,
        open_positions=None,
        day_pnl=None,
        position_quantity=None,
        is_entering=False,
        is_leaving=False,
        risk=RiskFacts(account=account, market=market, access=access),
    )


def _rules(symbol: str) -> InstrumentRules:
    """Of an instrument of which nothing is known but its name: no gate that is asked looks."""
    return InstrumentRules(
        symbol, "", "", AssetClass.CRYPTO, _ONE, _ONE, ZERO, ZERO, ZERO, ZERO,
        is_shortable=True, status=InstrumentStatus.TRADING,
    )  # fmt: skip


def _said(verdict: Verdict) -> dict[str, object]:
    is_refused = verdict.status == Status.REFUSED
    return {
        "gate": verdict.gate,
        "title": TITLES[verdict.gate],
        "status": Status(verdict.status).name.lower(),
        "code": verdict.code,
        "severity": SEVERITIES[GateCode(verdict.code)].name if is_refused else "SAFE",
        "observed": verdict.observed,
        "limit": verdict.limit,
        "source": verdict.source,
        "sentence": sentence(verdict) if is_refused else "",
    }
