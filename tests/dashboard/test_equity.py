"""The equity of moments gone by, against a case worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.dashboard.selectors.books import Book, books
from apps.dashboard.selectors.desk import Desk
from apps.dashboard.selectors.equity import Flows, equity_at, equity_curve, moments_between
from apps.execution.models import Fill
from apps.execution.services.accounts import record_deposit
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World
from trading.candles import Timeframe

M1 = Timeframe.M1
TUESDAY = MONDAY + timedelta(days=1)


def _book(lab: World) -> Book:
    return books(lab.alice)[0]


def _after(minutes: int) -> datetime:
    return MONDAY + minutes * MINUTE


def _curve(lab: World) -> dict[datetime, Decimal | None]:
    curve = equity_curve(lab.alice, _book(lab))
    return {point.at: point.value for point in curve}


def _buys_and_is_stopped(lab: World) -> None:
    """100,000 are deposited at midnight. The close of 102 at 00:05 orders a long with a stop 2 %
    under it; it fills at 103. The minute from 00:07 on opens at 99, beyond the stop.
    """
    lab.play(
        "100", "100", "100", "100", "102", "103", "104", ("99", "99", "99", "99"), first=MONDAY
    )


def test_the_curve_is_cash_and_positions_at_each_close(lab: World) -> None:
    _buys_and_is_stopped(lab)
    curve = _curve(lab)
    quantity = Decimal("24.5098")  # 1 % of 5,000 over the 2.04 to the stop, on the step

    bought = Decimal("100000") - quantity * 103 * Decimal("1.001")
    assert curve[MONDAY] == Decimal(100_000)
    assert curve[_after(4)] == Decimal(100_000)
    # Dated 00:05, so part of it, but valued at the close by then, 102.
    assert curve[_after(5)] == bought + quantity * 102
    assert curve[_after(6)] == bought + quantity * 103
    sold = bought + quantity * 99 * Decimal("0.999")
    assert curve[_after(7)] == sold  # the stop filled at the open, 00:07
    assert curve[_after(8)] == sold


def test_a_later_deposit_raises_the_curve_from_its_moment_on(lab: World) -> None:
    lab.play("100", "100", "100", first=MONDAY)
    record_deposit(lab.account, Decimal(500), now=_after(2))
    curve = _curve(lab)
    worth = [curve[_after(minute)] for minute in (0, 1, 2, 3)]
    assert worth == [100_000, 100_000, 100_500, 100_500]


def test_the_last_point_is_the_equity_of_the_cards(lab: World) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "102.5", "102.8", first=MONDAY)
    last = equity_curve(lab.alice, _book(lab))[-1]
    assert last.at == _after(7)
    assert last.value == Desk(lab.alice).cards.equity
    assert Desk(lab.alice).positions.open, "nothing is held: this would prove little"


def test_a_hole_in_the_candles_keeps_the_last_close(lab: World) -> None:
    moment = lab.play(*fakes.QUIET, fakes.JUMP, "102.5", first=MONDAY)
    fakes.close(lab.venue, moment + 10 * MINUTE)  # ten minutes of which no candle came
    curve = _curve(lab)
    assert curve[moment + 10 * MINUTE] == curve[moment]


def test_without_a_price_the_equity_is_unknown_and_not_zero() -> None:
    unknown = {7: [None, Decimal(3)]}
    flowed = Flows(2)
    assert equity_at(Decimal(100), {7: Decimal(2)}, flowed, unknown) == [None, Decimal(106)]


def test_a_short_is_worth_what_buying_it_back_costs() -> None:
    values = equity_at(Decimal(100), {7: Decimal(-2)}, Flows(1), {7: [Decimal(30)]})
    assert values == [Decimal(40)]


def test_nothing_of_another_user_or_book_is_counted(lab: World) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue, "777"))
    _buys_and_is_stopped(lab)
    assert equity_curve(bob, books(bob)[0])[0].value == 777
    assert _curve(lab)[MONDAY] == 100_000


def test_the_number_of_queries_does_not_grow_with_what_happened(lab: World) -> None:
    book = _book(lab)
    _buys_and_is_stopped(lab)
    with CaptureQueriesContext(connection) as before:
        equity_curve(lab.alice, book)
    lab.play("99", "99", "99", "104", "105", "106", first=_after(8))
    with CaptureQueriesContext(connection) as after:
        equity_curve(lab.alice, book)
    assert len(after) == len(before) <= 5


@pytest.mark.parametrize("span", [timedelta(0), MINUTE, timedelta(hours=7), timedelta(days=400)])
def test_a_curve_has_at_most_300_points_and_both_ends(span: timedelta) -> None:
    start = datetime(2026, 6, 1, 0, 0, 30, tzinfo=UTC)
    moments = moments_between(start, start + span, M1)
    assert (moments[0], moments[-1]) == (start, start + span)
    assert len(moments) <= 300
    assert moments == sorted(set(moments))


def test_points_between_the_ends_lie_on_boundaries() -> None:
    moments = moments_between(MONDAY + MINUTE, TUESDAY, M1)
    steps = {later - earlier for earlier, later in pairwise(moments[1:])}
    assert steps == {5 * MINUTE}
    assert all(moment.minute % 5 == 0 for moment in moments[1:])


def test_the_day_is_measured_from_midnight_without_what_was_deposited_since(lab: World) -> None:
    moment = lab.play(*fakes.QUIET, fakes.JUMP, "102.5", first=TUESDAY - 6 * MINUTE)
    assert moment == TUESDAY
    at_midnight = Desk(lab.alice).cards.equity
    record_deposit(lab.account, Decimal(500), now=TUESDAY + MINUTE)
    lab.play("103", "104", first=TUESDAY)

    cards = Desk(lab.alice).cards
    assert at_midnight is not None
    assert cards.equity is not None
    assert cards.day_base == at_midnight + 500
    assert cards.day_change == cards.equity - at_midnight - 500 > 0


def test_equity_is_deposits_and_what_was_realised_and_what_is_open(lab: World) -> None:
    """Conservation, as the page shows it."""
    _buys_and_is_stopped(lab)
    lab.play("99", "99", "99", "104", "105", "106", first=_after(8))
    desk = Desk(lab.alice)
    cards = desk.cards
    assert desk.positions.open
    assert cards.trades == 1
    assert cards.open_pnl is not None
    assert cards.equity == Decimal(100_000) + cards.realised + cards.open_pnl


def test_a_fill_at_midnight_is_of_the_day_that_begins(lab: World) -> None:
    """As it is in what the day has realised."""
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=TUESDAY - 5 * MINUTE)
    assert Fill.objects.get().filled_at == TUESDAY

    cards = Desk(lab.alice).cards
    assert cards.day_base == 100_000
    assert cards.day_change == cards.realised_today == -Decimal("24.5098") * 103 / 1_000


def test_a_deposit_at_midnight_is_of_the_day_that_begins(lab: World) -> None:
    lab.play(*fakes.QUIET, first=TUESDAY - 3 * MINUTE)
    record_deposit(lab.account, Decimal(500), now=TUESDAY)

    cards = Desk(lab.alice).cards
    assert cards.day_base == 100_500
    assert cards.day_change == 0
