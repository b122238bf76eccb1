"""The report of an account, by hand."""

import csv
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.performance.curve import Curve
from trading.performance.drawing import equity_lines, underwater_lines
from trading.performance.measuring import DAYS_A_YEAR_OF_SHARES, report
from trading.performance.realised import DAYS_A_YEAR, Flow
from trading.performance.report import Report
from trading.performance.telling import as_dict, as_text, trades_csv
from trading.performance.trips import Trip

MONDAY = datetime(2026, 6, 29, tzinfo=UTC)  # so that the third day is of another month
D = Decimal
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VALUES = [1000.0, 1100.0, 1045.0, 1254.0, 1128.6]  # +10 %, -5 %, +20 %, -10 %


def curve(*values: float) -> Curve:
    times = [int((MONDAY + number * DAY).timestamp()) for number in range(len(values))]
    return Curve(np.array(times, np.int64), np.array(values, np.float64))


def trip(pnl: str, opened: float = 9, lasted: float = 1, **columns: Any) -> Trip:
    begun = MONDAY + opened * HOUR
    told: dict[str, Any] = {
        "symbol": "BTC-USD",
        "direction": "long",
        "quantity": Decimal(2),
        "entry_time": begun,
        "entry_price": Decimal(100),
        "exit_time": begun + lasted * HOUR,
        "exit_price": Decimal(110),
        "fees": Decimal(1),
        "funding": Decimal("-0.5"),
        "pnl": Decimal(pnl),
        "exit_reason": "target",
        "mae": None,
        "mfe": None,
    }
    return Trip(**(told | columns))


TRIPS = [
    trip("30", mae=Decimal(4), mfe=Decimal(40)),
    trip("-20", opened=33, exit_reason="stop", direction="short", mae=Decimal(20), mfe=Decimal(2)),
    trip("50", opened=34, lasted=23, symbol="ETH-USD"),
]


def told(**also: Any) -> Report:
    return report(TRIPS, curve(*VALUES), **also)


def test_the_equity_by_hand() -> None:
    found = told().equity
    assert found.total_return == pytest.approx(0.1286)
    assert (found.cagr, found.calmar) == (None, None)  # of four days
    sigma = sqrt(0.056875 / 3)
    assert found.volatility == pytest.approx(sigma * sqrt(365))
    assert found.sharpe == pytest.approx(0.0375 / sigma * sqrt(365))
    assert found.sortino == pytest.approx(0.0375 / sqrt(0.0125 / 4) * sqrt(365))
    assert found.omega == pytest.approx(2)
    assert found.ulcer_index == pytest.approx(sqrt(0.0125 / 4))
    assert found.max_drawdown == pytest.approx(0.1)
    assert found.max_drawdown_duration == DAY
    assert found.cvar_95 == pytest.approx(-0.1)


def test_a_year_by_hand() -> None:
    year = curve(100, 80, *[100] * 363, 110)
    for a_year in (DAYS_A_YEAR, DAYS_A_YEAR_OF_SHARES):
        found = report([], year, days_a_year=a_year).equity
        assert found.cagr == pytest.approx(0.1)
        assert found.calmar == pytest.approx(0.1 / 0.2)


def test_shares_have_fewer_days_a_year() -> None:
    shares = told(days_a_year=DAYS_A_YEAR_OF_SHARES)
    ratio = sqrt(252 / 365)
    assert shares.period.days_a_year == 252
    for name in ("sharpe", "sortino", "volatility"):
        assert getattr(shares.equity, name) == pytest.approx(getattr(told().equity, name) * ratio)


def test_a_drawdown_lasts_until_its_peak_is_reached_again() -> None:
    found = report([], curve(100, 120, 60, 90, 120, 130, 117)).equity
    assert found.max_drawdown == pytest.approx(0.5)
    assert found.max_drawdown_duration == 3 * DAY


def test_the_trades_by_hand() -> None:
    found = told().trades
    assert (found.trades, found.wins, found.losses) == (3, 2, 1)
    assert (found.net_pnl, found.fees, found.funding) == (D(60), D(3), D("-1.5"))
    assert found.win_rate == Decimal(2) / 3
    assert (found.profit_factor, found.payoff_ratio, found.expectancy) == (D(4), D(2), D(20))
    assert (found.average_win, found.average_loss) == (D(40), D(-20))
    assert (found.average_mae, found.average_mfe) == (D(12), D(21))  # of the two that are known
    assert (found.max_consecutive_wins, found.max_consecutive_losses) == (1, 1)
    assert found.avg_holding_time == timedelta(hours=25) / 3
    # 3 trades of 2 * (100 + 110), over the mean of what there was at the days' ends.
    assert found.turnover == pytest.approx(1260 / np.mean(VALUES[1:]))


def test_time_in_the_market_counts_once() -> None:
    # One hour, then 09:00 to 09:00 of the next day together; of four days.
    assert told().trades.exposure_time == pytest.approx(25 / 96)
    still = told(open_since=[MONDAY + 90 * HOUR, MONDAY + 91 * HOUR])
    assert still.trades.exposure_time == pytest.approx(31 / 96)


def test_breakdowns_add_up_to_the_whole() -> None:
    found = told(regimes={TRIPS[0]: "trend", TRIPS[1]: "range"}).breakdowns
    assert [(group.label, group.trades, group.net_pnl) for group in found.exit_reason] == [
        ("stop", 1, D(-20)), ("target", 2, D(80)),
    ]  # fmt: skip
    assert [group.label for group in found.side] == ["long", "short"]
    assert [group.label for group in found.symbol] == ["BTC-USD", "ETH-USD"]
    assert [group.label for group in found.hour] == ["09", "10"]
    assert [(group.label, group.win_rate) for group in found.weekday] == [
        ("Monday", 1), ("Tuesday", Decimal("0.5")),
    ]  # fmt: skip
    assert [group.label for group in found.regime] == ["range", "trend", "unknown"]
    assert told().breakdowns.regime == ()
    for groups in (found.exit_reason, found.side, found.hour, found.weekday, found.regime):
        assert sum(group.net_pnl for group in groups) == 60


def test_months_multiply_to_the_whole() -> None:
    found = told().monthly_returns
    assert [(month.year, month.month) for month in found] == [(2026, 6), (2026, 7)]
    assert [month.value for month in found] == pytest.approx([0.045, 0.08])


def test_against_itself_an_account_has_no_alpha_and_a_beta_of_one() -> None:
    found = told(benchmark=curve(*VALUES)).benchmark
    assert found is not None
    assert found.total_return == pytest.approx(0.1286)
    assert found.alpha == pytest.approx(0, abs=1e-9)
    assert found.beta == pytest.approx(1)


def test_money_paid_in_is_no_return() -> None:
    paid = [Flow(MONDAY + 2 * DAY, Decimal(1000))]
    found = report([], curve(1000, 1000, 2000, 2200), flows=paid)
    assert found.equity.total_return == pytest.approx(0.1)


@pytest.mark.parametrize("values", [[], [1000.0]], ids=["none", "one"])
def test_of_nothing_nothing_is_known(values: list[float]) -> None:
    found = report([], curve(*values), benchmark=curve(*values))
    equity = {getattr(found.equity, name) for name in found.equity.__dataclass_fields__}
    assert equity == {None}
    assert found.trades.exposure_time is None
    assert found.trades.turnover is None
    assert found.benchmark is None
    assert equity_lines(found) == underwater_lines(found) == (None, None)
    assert "total return" in as_text(found)


@settings(max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 2)), max_size=15))
def test_no_figure_is_infinite_and_all_of_it_is_json(values: list[float]) -> None:
    found = report(TRIPS, curve(*values), benchmark=curve(*range(1, len(values) + 1)))
    json.dumps(as_dict(found), allow_nan=False)
    as_text(found)
    fall = found.equity.max_drawdown
    assert fall is None or 0 <= fall <= 1
    share = found.trades.exposure_time
    assert share is None or 0 <= share <= 1


@settings(max_examples=30)
@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=20), st.integers(2, 100))
def test_another_unit_of_money_changes_no_figure_of_the_equity(
    values: list[int], unit: int
) -> None:
    one, other = report([], curve(*values)), report([], curve(*(value * unit for value in values)))
    for name in ("total_return", "max_drawdown", "ulcer_index", "cvar_95", "omega", "volatility"):
        before, after = getattr(one.equity, name), getattr(other.equity, name)
        assert after == (None if before is None else pytest.approx(before, rel=1e-6, abs=1e-9))


def test_what_a_machine_is_told() -> None:
    found = as_dict(told())
    assert found["trades"]["net_pnl"] == "60"
    assert found["trades"]["avg_holding_time"] == 30_000
    assert found["period"] == {
        "began_at": "2026-06-29T00:00:00Z", "ended_at": "2026-07-03T00:00:00Z", "days": 4,
        "days_a_year": 365, "risk_free_rate": 0.0,
    }  # fmt: skip
    assert found["monthly_returns"][0]["month"] == 6
    first = found["daily"][0]
    assert (first["date"], first["equity"], first["drawdown"]) == ("2026-06-29", 1100.0, 0.0)
    assert found["breakdowns"]["side"][0]["label"] == "long"


def test_what_a_terminal_is_told() -> None:
    said = as_text(told(benchmark=curve(*VALUES)))
    lines = said.splitlines()
    assert max(map(len, lines)) <= 80
    assert "total return                         12.86 %" in lines
    assert "profit factor                           4.00" in lines
    assert "Against buying and holding" in lines
    assert any(
        line.split() == ["stop", "1", "-20.00", "0.00", "%", "0.00", "-20.00"] for line in lines
    )


def test_the_trades_come_back_from_their_csv() -> None:
    rows = list(csv.DictReader(StringIO(trades_csv(TRIPS))))
    assert [row["pnl"] for row in rows] == ["30", "-20", "50"]
    assert rows[0]["entry_time"] == "2026-06-29T09:00:00Z"
    assert (rows[0]["mae"], rows[2]["mae"]) == ("4", "")
    assert tuple(rows[0]) == Trip._fields


@pytest.mark.parametrize("name", ["=1+1", "+A1", "-A1", "@sum", "\tx"])
def test_no_text_of_the_csv_is_a_formula(name: str) -> None:
    (row,) = csv.DictReader(StringIO(trades_csv([trip("-5", symbol=name)]), newline=""))
    assert row["symbol"] == f"'{name}"
    assert row["pnl"] == "-5"
