import json
import sys
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from apps.risk.limits import bounds_in_force
from apps.subscriptions.selectors import Entitlements, offered, published
from trading.gates.bounds import Bounds
from trading.gates.triggers import TriggerCause
from trading.plans import PlanLimits
from trading.what_if import Rules, ask
from trading.what_if.reading import NotUsable, Offer, Told

EXAMPLE = (
    '{"tier": "INVESTOR", "plan": "pro", "capital": 1000, "peak_equity": 1000, '
    '"start_of_day_equity": 1000, "daily_pnl": 0, "open_positions": 1, "trades_today": 0, '
    '"volatility": 45, "intent": {"symbol": "BTC-USD", "side": "buy", "notional": 50, '
    '"price": 100, "stop": 95}}'
)
# Of who says nothing of a plan.
NO_PLAN = Entitlements("", "", PlanLimits(True, None, None, None, None), frozenset())  # noqa: FBT003
MARKS = {"passed": "passed", "refused": "REFUSED", "not_applicable": "not asked"}


class Command(BaseCommand):
    help = (
        "Says what the gates would answer to an order, without placing it or touching a row, by "
        "the operator's settings and the plans as they are (without a database: as first published)"
        ". "
        f"Reads one JSON object from the standard input, for example {EXAMPLE}. A fact that is "
        "left out is not asked about; null says that it is not known."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options["json"]
        try:
            values = _read(sys.stdin.buffer.read())
            found = ask(values, _rules(is_of_a_plan=values.get("plan") is not None))
        except NotUsable as error:
            if as_json:
                told = {"error": {"code": error.code, "message": str(error)}}
                self.stdout.write(json.dumps(told))
            raise CommandError(f"{error.code}: {error}") from error
        self.stdout.write(json.dumps(found, indent=2) if as_json else _in_words(found))


def _rules(*, is_of_a_plan: bool) -> Rules:
    """Those of a decision."""
    plans, assumed = published(), []
    if is_of_a_plan:
        try:
            plans |= offered()
        except (OperationalError, ProgrammingError):  # none, or an empty one
            assumed.append("the plan as it was first published, since there is no database")

    def bounds(told: Told) -> Bounds:
        granted = NO_PLAN if told.plan is None else plans[told.plan]
        granted = replace(granted, capital_tier=told.own_tier)
        return bounds_in_force(granted, told.tier, is_live=told.is_live)

    is_off = not settings.AUTOMATIC["AUTOMATIC_BLACK_SWAN"]
    return Rules(
        plans={code: Offer(each.limits, each.capital_tier) for code, each in plans.items()},
        bounds=bounds,
        never=frozenset({TriggerCause.BLACK_SWAN}) if is_off else frozenset(),
        assumed=assumed,
    )


def _read(said: bytes) -> dict[str, object]:
    """Raises NotUsable unless it is one JSON object with finite numbers, each name once."""
    try:
        values = json.loads(
            said,
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse,
            object_pairs_hook=_each_once,
        )
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotUsable("not_json", f"The standard input is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise NotUsable("not_an_object", "The standard input must be one JSON object.")
    return values


def _refuse(constant: str) -> object:
    raise NotUsable("not_a_number", f"{constant} is not a number.")


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise NotUsable("said_twice", f"{twice} is said twice.")
    return dict(pairs)


def _in_words(found: dict[str, Any]) -> str:
    code = f" ({found['code']})" if found["code"] else ""
    lines = [f"{found['outcome']}{code}, {found['severity']}", ""]
    for verdict in found["verdicts"]:
        told = verdict["sentence"] or verdict["observed"]
        if verdict["status"] == "passed" and verdict["limit"]:
            told += f" (limit {verdict['limit']})"
        # The sentence of a refusal says it.
        source = verdict["source"] if not verdict["sentence"] else ""
        mark = MARKS[verdict["status"]]
        lines.append(f"{mark:<10} {verdict['title']}: {told}{source and f' [{source}]'}")
    lines.extend(f"trips: {item['cause']}, {item['state']}" for item in found["triggers"])
    lines.append("")
    lines.append(f"Capital with which an order is possible: {found['tradable_capital']}.")
    if found["assumed"]:
        lines.append(f"Assumed: {'; '.join(found['assumed'])}.")
    return "\n".join(lines)
