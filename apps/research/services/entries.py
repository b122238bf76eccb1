"""Under which limits a backtest ran, and what came of its signals to enter."""

import csv
from collections import Counter
from collections.abc import Mapping
from io import StringIO
from typing import Any

from trading.backtest import Result, Settings
from trading.gates.bounds import in_force
from trading.gates.values import Outcome
from trading.signals import Action

Told = Mapping[str, Any]


def limits_told(settings: Settings) -> dict[str, Any]:
    """Each that held, with who set it; none where the strategy was tried alone."""
    return {
        "limits": {
            name: {"value": value, "source": source}
            for name, (value, source) in in_force(settings.limits.bounds).items()
        },
        "symbols_allowed": None if settings.symbols is None else sorted(settings.symbols),
    }


def entries_of(result: Result) -> dict[str, Any]:
    """How many signals asked to enter; how many each code refused and each cap cut down."""
    rows = [row for row in result.decisions if Action(row.action).is_entry]
    ordered = [row for row in rows if row.outcome == Outcome.ORDERED]
    refused = Counter(row.code for row in rows if row.code)
    cut_down = Counter(row.sized_down_by for row in ordered if row.sized_down_by)
    return {
        "signals": len(rows),
        "ordered": len(ordered),
        "refused": dict(refused.most_common()),
        "cut_down": dict(cut_down.most_common()),
    }


def entries_said(entries: Told) -> str:
    """`12 signals, 9 ordered; refused: DAILY_TRADES 3; cut down: SHARE:tier 9`."""
    parts = [f"{entries['signals']} signals, {entries['ordered']} ordered"]
    for name in ("refused", "cut_down"):
        if entries[name]:
            listed = ", ".join(f"{code} {count}" for code, count in entries[name].items())
            parts.append(f"{name.replace('_', ' ')}: {listed}")
    return "; ".join(parts)


def limits_csv(told: Told) -> str:
    """One line for each limit, then for each code and cap with their number, with a head. Empty but
    for that of a result that was kept before any of it was told."""
    written = StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(("kind", "name", "value", "source"))
    for name, limit in told.get("limits", {}).items():
        rows.writerow(("limit", name, limit["value"], limit["source"]))
    for symbol in told.get("symbols_allowed") or ():
        rows.writerow(("symbol", symbol, "", "user"))
    entries = told.get("entries", {})
    for kind in ("refused", "cut_down"):
        for name, count in entries.get(kind, {}).items():
            rows.writerow((kind, name, count, ""))
    return written.getvalue()
