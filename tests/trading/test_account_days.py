"""What an account's loss limits are held against: days, weeks, flows, losing trades."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trading.account_days import NEXT_TO_NOTHING, AccountDay, first_day, midnight, week_of
from trading.gates.account_loss import loss_today
from trading.gates.bounds import Source, bounds_of
from trading.gates.drawdown import fallen
from trading.gates.risk_facts import NOT_PROVIDED
from trading.gates.weekly_loss import loss_this_week
from trading.results import Result

SUNDAY = date(2026, 6, 7)
MONDAY = date(2026, 6, 8)
TUESDAY = date(2026, 6, 9)
D = Decimal
MONEY = st.decimals("0.01", "1000000", places=2)


def day(**changed: object) -> AccountDay:
    values = {"day": MONDAY, "start_of_day_equity": Decimal(1000)} | {
        "start_of_week_equity": Decimal(1100), "peak_equity": Decimal(1200),
    }  # fmt: skip
    return AccountDay(**{**values, **changed})  # type: ignore[arg-type]


def of(pnl: object, on: date = MONDAY) -> Result:
    """Of a round trip that one fill ended."""
    exact = D(str(pnl))
    return Result(on, max(D(0), -exact), exact)


def test_a_day_is_utc_and_a_week_begins_on_monday() -> None:
    assert week_of(SUNDAY) == date(2026, 6, 1)
    assert week_of(MONDAY) == week_of(TUESDAY) == MONDAY
    assert midnight(MONDAY) == datetime(2026, 6, 8, tzinfo=UTC)


def test_the_next_day_forgets_what_was_the_days_and_keeps_what_was_not() -> None:
    before = day(trades_today=4, lost_today=Decimal(50), consecutive_losses=3)
    after = before.next_day(TUESDAY, Decimal(900), Decimal(1))
    assert (after.day, after.trades_today, after.lost_today) == (TUESDAY, 0, D(0))
    assert after.start_of_day_equity == 900
    assert after.start_of_week_equity == 1100  # the same week: what is handed for another is not
    assert after.consecutive_losses == 3
    assert after.peak_equity == 1200


def test_another_week_begins_with_its_own_equity() -> None:
    after = day(day=SUNDAY).next_day(MONDAY, Decimal(900), Decimal(900))
    assert after.start_of_week_equity == 900


def test_the_peak_only_rises() -> None:
    assert day().seen(Decimal(1201)).peak_equity == 1201
    assert day().seen(Decimal(1200)).peak_equity == 1200
    assert day().seen(None).peak_equity == 1200
    assert day(peak_equity=None).seen(Decimal(5)).peak_equity == 5
    assert day().next_day(TUESDAY, Decimal(1300), None).peak_equity == 1300


def test_the_first_day_of_an_account_begins_with_what_it_has() -> None:
    begun = first_day(MONDAY, Decimal(10), Decimal(7))
    assert (begun.start_of_day_equity, begun.start_of_week_equity) == (D(10), D(7))
    assert begun.peak_equity == 10


@given(equity=MONEY, then=MONEY, flow=st.decimals("-0.99", "50", places=2))
def test_money_that_comes_or_goes_changes_no_share_that_was_lost(
    equity: Decimal, then: Decimal, flow: Decimal
) -> None:
    assume(equity >= then * NEXT_TO_NOTHING)
    amount = equity * flow
    after = day(start_of_day_equity=then).after_flow(equity, amount)
    assert after.start_of_day_equity is not None
    share, now = equity / then, (equity + amount) / after.start_of_day_equity
    assert now == pytest.approx(share, rel=Decimal("0.0001"))


def test_a_withdrawal_of_nine_tenths_trips_no_loss() -> None:
    lost = day(start_of_day_equity=Decimal(1000)).after_flow(Decimal(950), Decimal(-900))
    facts = lost.facts(
        Decimal(50), exposure=Decimal(0), open_positions=0, trades_today=0, lost_today=Decimal(0)
    )
    assert facts.start_of_day_equity == Decimal("52.63157895")
    assert facts.day_pnl == Decimal("-2.63157895")  # five percent, as before


def test_what_was_lost_is_told_as_the_share_that_it_stays_when_money_comes() -> None:
    """10 of 100 were lost, and then 8,910 came: nobody has lost 1,000."""
    after = first_day(MONDAY, D(100), D(100)).after_flow(D(90), D(8_910))
    facts = after.facts(D(9_000), exposure=D(0), open_positions=0, trades_today=0, lost_today=D(10))
    bounds = bounds_of(Source.USER, daily_loss=D("0.2"), weekly_loss=D("0.2"), drawdown=D("0.2"))
    told = [ask(facts, bounds) for ask in (loss_today, loss_this_week, fallen)]
    assert [(item.observed, item.limit) for item in told] == [("0.1", "0.2")] * 3


def test_money_that_comes_to_an_account_that_was_ruined_is_not_scaled() -> None:
    ruined = day(peak_equity=Decimal(1000)).after_flow(Decimal("0.01"), Decimal(1000))
    assert ruined.start_of_day_equity == ruined.peak_equity == 2000


def test_the_first_deposit_is_no_profit() -> None:
    begun = first_day(MONDAY, Decimal(0), Decimal(0)).after_flow(Decimal(0), Decimal(500))
    assert begun.start_of_day_equity == begun.start_of_week_equity == begun.peak_equity == 500


def test_a_flow_of_what_is_worth_nobody_knows_makes_the_equities_unknown() -> None:
    after = day().after_flow(None, Decimal(100))
    assert after.start_of_day_equity is after.peak_equity is None
    assert day(start_of_day_equity=None).after_flow(Decimal(5), Decimal(1)).peak_equity == 1440


def test_losing_trades_add_up_and_winning_ones_do_not_make_up_for_them() -> None:
    results = [of(-5), of(100), of(-7)]
    after = day().after_results(results)
    assert (after.lost_today, after.consecutive_losses) == (D(12), 1)


def test_losses_in_a_row_end_with_a_profit_and_not_with_nothing() -> None:
    lost = day().after_results([of(-1)] * 2)
    assert lost.consecutive_losses == 2
    assert lost.after_results([of(0)]).consecutive_losses == 2
    assert lost.after_results([of("0.01")]).consecutive_losses == 0


def test_a_part_that_lost_counts_today_and_is_no_trade_lost_yet() -> None:
    after = day().after_results([Result(MONDAY, D(5), None)])
    assert (after.lost_today, after.consecutive_losses) == (D(5), 0)


def test_a_trade_of_a_day_gone_by_is_no_loss_of_today() -> None:
    after = day().after_results([of(-5, SUNDAY)])
    assert (after.lost_today, after.consecutive_losses) == (D(0), 1)


def test_what_is_known_late_moves_the_equities_that_were_before_it() -> None:
    after = day().after_late(D(-40), D(0))
    assert (after.start_of_day_equity, after.start_of_week_equity) == (D(960), D(1100))
    assert day().after_late(None, D(-3)).start_of_day_equity is None
    assert day().after_late(None, D(-3)).start_of_week_equity == 1097


def test_entries_count_as_the_trades_of_the_day() -> None:
    assert day().after_entries(2).after_entries(1).trades_today == 3


def test_facts_say_what_is_left_and_what_was_won() -> None:
    facts = day().facts(
        Decimal(1050), exposure=Decimal(300), open_positions=2, trades_today=9,
        lost_today=Decimal(4), api_errors=1,
    )  # fmt: skip
    assert (facts.available, facts.exposure) == (D(750), D(300))
    assert (facts.day_pnl, facts.week_pnl) == (D(50), D(-50))
    assert (facts.trades_today, facts.lost_today, facts.open_positions) == (9, D(4), 2)
    assert (facts.api_errors, facts.messages) == (1, NOT_PROVIDED)


def test_an_equity_that_is_not_known_makes_nothing_zero() -> None:
    facts = day().facts(
        None, exposure=None, open_positions=2, trades_today=0, lost_today=Decimal(0)
    )
    assert facts.equity is facts.available is facts.day_pnl is facts.week_pnl is None
    assert facts.peak_equity == 1200
