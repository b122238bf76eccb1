"""Where the lines and the shades of a drawn report lie."""

from decimal import Decimal

import numpy as np
import pytest

from tests.trading.test_report import HOUR, MONDAY, curve, told
from trading.performance.curve import Curve
from trading.performance.drawing import equity_lines, line, shade, underwater_lines, years
from trading.performance.measuring import report
from trading.performance.realised import Flow
from trading.performance.telling import as_dict


def test_lines_stay_within_the_drawing_and_keep_their_extremes() -> None:
    values = np.sin(np.arange(5000) / 50.0)
    values[1234] = 9.0
    found = line(np.arange(5000, dtype=np.float64), values)
    assert found is not None
    points = [tuple(map(float, pair.split(","))) for pair in found.points.split()]
    assert len(points) <= 450
    assert found.high == 9
    assert min(y for _, y in points) == 0
    assert all(0 <= x <= 900 and 0 <= y <= 220 for x, y in points)


def test_an_equity_that_never_moves_is_drawn_too() -> None:
    flat = report([], curve(100, 100, 100))
    assert equity_lines(flat)[0] is not None
    assert underwater_lines(flat)[0] is not None


def test_what_was_held_instead_is_drawn_on_the_same_scale() -> None:
    found = told(benchmark=curve(50, 25, 100, 75, 75))
    assert found.held.tolist() == pytest.approx([500, 2000, 1500, 1500])
    assert found.held_drawdowns.tolist() == pytest.approx([0.5, 0, 0.25, 0.25])
    own, held = equity_lines(found)
    assert own is not None
    assert held is not None
    assert (own.low, own.high) == (held.low, held.high) == (500, 2000)
    assert held.points.split()[0] == "0.0,220.0"
    assert held.points.split()[1] == "300.0,0.0"
    fallen, held_fallen = underwater_lines(found)
    assert fallen is not None
    assert held_fallen is not None
    assert (fallen.low, fallen.high) == (-0.5, 0)
    assert as_dict(found)["daily"][1]["held"] == pytest.approx(2000)


def test_a_backtest_is_drawn_through_all_its_points() -> None:
    hours = [int((MONDAY + hour * HOUR).timestamp()) for hour in range(4)]
    fine = Curve(np.array(hours, np.int64), np.array([100.0, 50.0, 200.0, 150.0]))
    found = report([], fine, benchmark=fine)
    assert equity_lines(found) == (None, None)  # it has one day only
    own, held = equity_lines(found, fine)
    assert own is not None
    assert held is not None
    assert own.points == "0.0,146.7 300.0,220.0 600.0,0.0 900.0,73.3"
    assert held.points == "0.0,146.7 900.0,73.3"
    fallen, _ = underwater_lines(found, fine)
    assert fallen is not None
    assert fallen.points == "0.0,0.0 300.0,220.0 600.0,0.0 900.0,110.0"


def test_what_was_paid_in_is_held_too() -> None:
    paid = [Flow(MONDAY + 30 * HOUR, Decimal(100))]
    found = report([], curve(100, 100, 200), flows=paid, benchmark=curve(10, 20, 10))
    assert found.held.tolist() == pytest.approx([200, 150])
    assert found.benchmark is not None
    assert found.benchmark.total_return == pytest.approx(0)


def test_a_month_is_shaded_by_how_much_it_moved() -> None:
    shades = [shade(value).shade for value in (None, 0.0, 0.001, -0.001, 0.05, 0.3, -0.3)]
    assert shades == [None, 0, 1, -1, 3, 5, -5]


def test_a_year_has_twelve_cells_and_their_product() -> None:
    year = years(told().monthly_returns)[0]
    assert [cell.value is not None for cell in year.months] == [False] * 5 + [True] * 2 + [
        False
    ] * 5
    assert year.whole.value == pytest.approx(0.1286)
