"""How trading has gone: each formula on trades made by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.performance import (
    ClosedTrade,
    Drawdown,
    Flow,
    Performance,
    months,
    performance,
    streak,
)

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
D = Decimal
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def trade(pnl: str, day: float = 0, fees: str = "1", lasted: timedelta = HOUR) -> ClosedTrade:
    closed = START + day * DAY
    return ClosedTrade(closed - lasted, closed, Decimal(pnl), Decimal(fees))


def flow(amount: str, day: float = 0) -> Flow:
    return Flow(START + day * DAY, Decimal(amount))


def of(*trades: ClosedTrade, flows: tuple[Flow, ...] = (), start: str = "1000") -> Performance:
    return performance(trades, flows, start=Decimal(start), until=START)


def test_without_a_trade_nothing_is_known() -> None:
    nothing = of(flows=(flow("100"),))
    assert (nothing.trades, nothing.wins, nothing.losses) == (0, 0, 0)
    unknown = (
        nothing.net, nothing.gross, nothing.fees, nothing.win_rate, nothing.profit_factor,
        nothing.average_win, nothing.average_loss, nothing.largest_win, nothing.largest_loss,
        nothing.average_duration, nothing.drawdown, nothing.sharpe,
    )  # fmt: skip
    assert set(unknown) == {None}


def test_wins_and_losses_are_counted_and_summed() -> None:
    found = of(trade("30"), trade("10"), trade("-20"), trade("0"), trade("-4", lasted=3 * HOUR))
    assert (found.trades, found.wins, found.losses) == (5, 2, 2)
    assert (found.net, found.fees, found.gross) == (D(16), D(5), D(21))
    assert found.win_rate == Decimal("0.4")
    assert found.profit_factor == Decimal(40) / 24
    assert (found.average_win, found.average_loss) == (D(20), D(-12))
    assert (found.largest_win, found.largest_loss) == (D(30), D(-20))
    assert found.average_duration == timedelta(hours=7) / 5


def test_without_a_loss_the_profit_factor_is_unknown_and_not_infinite() -> None:
    found = of(trade("30"))
    assert found.profit_factor is None
    assert found.average_loss is found.largest_loss is None


@pytest.mark.parametrize(
    ("pnls", "expected"),
    [
        (["10", "20"], Drawdown(Decimal(0), Decimal(0), None)),
        (["-100"], Drawdown(Decimal(100), Decimal("0.1"), None)),
        (["250", "-50", "-75", "500"], Drawdown(Decimal(125), Decimal("0.1"), DAY)),
        (["-100", "100", "250", "-50"], Drawdown(Decimal(100), Decimal("0.1"), DAY)),
        (["-100", "50", "-100", "50", "100"], Drawdown(Decimal(150), Decimal("0.15"), 2 * DAY)),
    ],
)
def test_the_drawdown_is_the_deepest_fall_from_a_peak(pnls: list[str], expected: Drawdown) -> None:
    assert of(*(trade(pnl, day) for day, pnl in enumerate(pnls))).drawdown == expected


def test_money_that_leaves_is_no_drawdown_and_money_that_comes_does_not_mend_one() -> None:
    trades = (trade("-100", 1), trade("-10", 3), trade("50", 5))
    flows = (flow("-500", 0), flow("1000", 2))
    found = of(*trades, flows=flows).drawdown
    assert found is not None
    assert found.amount == 110
    assert found.fraction == Decimal(110) / 1500
    assert found.recovery is None


def test_a_first_deposit_is_where_equity_begins() -> None:
    found = of(trade("-100", 1), flows=(flow("2000"),), start="0").drawdown
    assert found == Drawdown(Decimal(100), Decimal("0.05"), None)


def test_days_run_without_a_gap_and_hold_what_was_made_on_them() -> None:
    found = performance(
        [trade("10"), trade("5", 0.25), trade("-3", 2)],
        [flow("100", 2)],
        start=Decimal(1000),
        until=START + 3 * DAY,
    )
    assert [(day.date.day, day.pnl, day.equity) for day in found.days] == [
        (1, D(15), D(1015)), (2, D(0), D(1015)), (3, D(-3), D(1112)), (4, D(0), D(1112)),
    ]  # fmt: skip


def test_the_sharpe_ratio_is_that_of_the_daily_returns() -> None:
    found = of(trade("10"), trade("-5", 1), trade("20", 2))
    returns = [10 / 1000, -5 / 1010, 20 / 1005]
    assert found.sharpe == pytest.approx(fmean(returns) / stdev(returns) * sqrt(365))


def test_one_day_or_equal_days_have_no_sharpe_ratio() -> None:
    assert of(trade("10"), trade("20", 0.1)).sharpe is None
    assert of(trade("0"), trade("0", 1), trade("0", 2)).sharpe is None


def test_a_streak_ends_where_it_turned() -> None:
    found = streak([trade("1"), trade("-1", 1), trade("2", 2), trade("3", 3)])
    assert found is not None
    assert (found.is_winning, found.count, found.started_at) == (True, 2, START + 2 * DAY)
    assert streak([]) is None
    assert streak([trade("1"), trade("0", 1)]) is None


def test_a_month_is_measured_by_what_it_began_with_and_was_paid_in() -> None:
    found = of(trade("100"), trade("-220", 30), flows=(flow("1100", 30),))
    june, july = months(found.days)
    assert (june.first, june.pnl, june.fraction) == (date(2026, 6, 1), D(100), D("0.1"))
    assert (july.pnl, july.fraction) == (D(-220), D("-0.1"))


amounts = st.decimals(-1_000, 1_000, places=2)
moments = st.integers(0, 200).map(lambda hours: START + hours * HOUR)
trades_made = st.lists(
    st.builds(lambda at, pnl: ClosedTrade(at - HOUR, at, pnl, Decimal(1)), at=moments, pnl=amounts)
)


@given(trades=trades_made, flows=st.lists(st.builds(Flow, moments, amounts)))
def test_what_is_counted_adds_up(trades: list[ClosedTrade], flows: list[Flow]) -> None:
    found = performance(trades, flows, start=Decimal(500), until=START)
    net, paid = sum(item.pnl for item in trades), sum(item.amount for item in flows)

    assert sum(day.pnl for day in found.days) == net == (found.net or 0)
    if found.days:
        assert found.days[-1].equity == 500 + net + paid
    if found.drawdown is not None:
        assert found.drawdown.amount >= max(0, -net)


@given(trades=trades_made, flows=st.lists(st.builds(Flow, moments, amounts)))
def test_flows_change_no_drawdown(trades: list[ClosedTrade], flows: list[Flow]) -> None:
    with_flows = performance(trades, flows, start=Decimal(500), until=START).drawdown
    without = performance(trades, (), start=Decimal(500), until=START).drawdown
    assert (with_flows and with_flows.amount) == (without and without.amount)
