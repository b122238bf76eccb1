"""What the page of a backtest shows: its report laid out, with thinned lines, and its trades as a
table. Kept beside the payload, which is megabytes after a million closes; a page is read more often
than it is made.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import numpy as np

from apps.research.models import BacktestResult
from apps.research.services.retelling import curve_told, report_told
from apps.research.services.trade_rows import TradeRows
from trading.performance.drawing import Cell, Line, Year
from trading.performance.sheet import Figure, Row, Section, Sheet, Table, sheet

LONG = {"trades", "equity", "benchmark", "metrics", "breakdowns", "monthly_returns"}
LINES = ("equity", "held", "underwater", "held_underwater")


@dataclass(frozen=True, slots=True)
class Shown:
    """`head` is the payload without what is long. `benchmark` is the symbol of what holding is
    compared with, empty where there is none."""

    head: Mapping[str, Any]
    benchmark: str
    sheet: Sheet
    trades: TradeRows


def shown(result: BacktestResult) -> Shown:
    """Out of the payload where nothing was kept: it is from before that was done."""
    return shown_of(result.payload) if result.page is None else read(result.page)


def shown_of(payload: Mapping[str, Any]) -> Shown:
    curve = curve_told(payload)
    told = report_told(payload, curve)
    return Shown(
        head={name: value for name, value in payload.items() if name not in LONG},
        benchmark=payload["symbols"][0] if told.benchmark else "",
        sheet=sheet(told, curve),
        trades=TradeRows.of(payload["trades"]),
    )


def kept(what: Shown) -> bytes:
    texts = {
        "head": what.head,
        "benchmark": what.benchmark,
        "sheet": asdict(what.sheet),
        "words": what.trades.words,
    }
    written, page = json.dumps(texts, allow_nan=False).encode(), BytesIO()
    np.savez_compressed(page, texts=np.frombuffer(written, np.uint8), trades=what.trades.rows)
    return page.getvalue()


def read(page: bytes | memoryview) -> Shown:
    with np.load(BytesIO(page), allow_pickle=False) as parts:
        texts, trades = json.loads(parts["texts"].tobytes()), parts["trades"]
    return Shown(
        texts["head"], texts["benchmark"], _sheet(texts["sheet"]), TradeRows(trades, texts["words"])
    )


def _sheet(told: dict[str, Any]) -> Sheet:
    lines = {name: told[name] and Line(**told[name]) for name in LINES}
    sections, tables = told["sections"], told["tables"]
    return Sheet(
        sections=[Section(title, [Figure(*each) for each in rows]) for title, rows in sections],
        tables=[Table(title, [Row(*each) for each in rows]) for title, rows in tables],
        years=[_year(each) for each in told["years"]],
        deepest=told["deepest"],
        **lines,
    )


def _year(told: dict[str, Any]) -> Year:
    months = tuple(Cell(**month) for month in told["months"])
    return Year(told["year"], months, Cell(**told["whole"]))
