"""One look of the strategy, a decision for everybody, each by their own limits."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.execution import recovery
from apps.execution.models import Balance, Fill, Order, Position
from apps.execution.services import fan_out
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Run, Signal, StrategySubscription
from tests.fakes import JUMP, MONDAY, QUIET
from tests.journeys.crowd import GROUPS, Crowd, gather
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db

PEOPLE = 200
EACH = PEOPLE // len(GROUPS)

# What BTC-USD and ETH-USD, which are decided in this order, come to in each group.
ORDERED = ("ordered", "")
EXPECTED = {
    "plain": (ORDERED, ORDERED),
    "one_position": (ORDERED, ("denied", "MAX_POSITIONS")),
    "poor": (("denied", "INSUFFICIENT_BALANCE"),) * 2,
    "small_capital": (("denied", "NOTIONAL_BELOW_MINIMUM"),) * 2,
    "paused": (),
    "pausing": (("skipped", "SUBSCRIPTION_PAUSED"),) * 2,
    "narrowed": (ORDERED, ("denied", "SYMBOL_NOT_ALLOWED")),
    "wrong_currency": (("denied", "CURRENCY_MISMATCH"),) * 2,
    "lost_today": (("denied", "DAILY_LOSS_LIMIT"),) * 2,
    "shared_cash": (ORDERED, ORDERED),
}


@pytest.mark.usefixtures("without_limits")
def test_each_of_200_subscribers_gets_one_decision_by_their_own_limits() -> None:
    crowd = gather(PEOPLE)
    before = crowd.play(*QUIET, first=MONDAY)
    moment = _jump_and_pause(crowd, before)
    crowd.play(first=moment)
    assert crowd.play(JUMP, first=before) == moment

    # Two versions, two instruments, five candles: whatever the number of subscribers.
    assert Run.objects.count() == 2 * 2 * 5
    _assert_one_decision_each(crowd)
    for group, expected in EXPECTED.items():
        told = Decision.objects.filter(subscription_id__in=crowd.ids(group))
        rows = told.values_list("instrument__symbol", "outcome", "code")
        wanted = [
            (symbol, *answer)
            for symbol, answer in zip(("BTC-USD", "ETH-USD"), expected, strict=False)
        ]
        assert Counter(rows) == Counter(wanted * EACH), group
    _assert_the_rest_of_the_cash_went_to_the_rivals(crowd)

    crowd.play("102.5", first=moment)

    ordered = Decision.objects.filter(outcome="ordered").count()
    assert ordered == EACH * (2 + 1 + 1 + 2 + 1)
    assert Position.objects.exclude(quantity=0).count() == ordered == Fill.objects.count()
    assert Order.objects.filter(leg="stop", status="accepted").count() == ordered
    assert not Balance.objects.exclude(reserved=0).exists()
    call_command("check_ledger")
    call_command("check_completeness")


def test_the_number_of_queries_does_not_grow_with_the_subscribers() -> None:
    few = _queries_of_a_fan_out(gather(50, venue="few", number="1"))
    many = _queries_of_a_fan_out(gather(200, venue="many", number="2"))

    assert few == many
    assert many < 56


def test_a_fan_out_that_is_repeated_decides_nothing_twice() -> None:
    crowd = gather(20)
    crowd.play(*QUIET, JUMP, first=MONDAY)
    made = Decision.objects.count()
    strategies.reopen(list(Run.objects.values_list("pk", flat=True)), now=MONDAY)

    assert recovery.redrive_undecided() == 0
    assert Decision.objects.count() == made
    assert not Run.objects.filter(expected__gt=0, decided_at=None).exists()


def _jump_and_pause(crowd: Crowd, before: datetime) -> datetime:
    """The strategies have looked, the cut-off is drawn; then some pause before they are decided."""
    moment = crowd.write([JUMP], before)
    ids = [instrument.pk for instrument in crowd.instruments]
    strategies.look_and_record(crowd.venue.code, Timeframe.M1, moment, ids, still_holding={})
    for subscription in crowd.members["pausing"]:
        strategies.pause(subscription, now=moment)
    return moment


def _assert_one_decision_each(crowd: Crowd) -> None:
    signals = Signal.objects.filter(action="enter_long")
    assert signals.count() == 2 * 2
    for version in (crowd.first, crowd.second):
        running = StrategySubscription.objects.filter(version=version)
        at_the_cut_off = set(running.values_list("pk", flat=True)) - set(crowd.ids("paused"))
        for signal in signals.filter(version=version):
            told = Decision.objects.filter(signal=signal).values_list("subscription_id", flat=True)
            assert sorted(told) == sorted(at_the_cut_off)
            assert signal.run is not None
            assert sorted(signal.run.subscription_ids) == sorted(at_the_cut_off)


def _assert_the_rest_of_the_cash_went_to_the_rivals(crowd: Crowd) -> None:
    """Of 6,000 the first subscription sets 5,000 aside; the second gets what is left, once."""
    rows = _decisions(rival.pk for rival in crowd.rivals)
    assert Counter(row[:4] for row in rows) == Counter(
        {
            ("BTC-USD", "ordered", "", "FREE_CASH"): EACH,
            ("ETH-USD", "denied", "INSUFFICIENT_BALANCE", "FREE_CASH"): EACH,
        }
    )
    accounts = [rival.account_id for rival in crowd.rivals]
    for balance in Balance.objects.filter(account_id__in=accounts):
        assert Decimal(5_990) < balance.reserved <= balance.cash


def _decisions(subscriptions: Iterable[int]) -> list[tuple[str, str, str, str]]:
    told = Decision.objects.filter(subscription_id__in=subscriptions)
    return list(told.values_list("instrument__symbol", "outcome", "code", "sized_down_by"))


def _queries_of_a_fan_out(crowd: Crowd) -> int:
    before = crowd.play(*QUIET, first=MONDAY)
    moment = crowd.write([JUMP], before)
    ids = [instrument.pk for instrument in crowd.instruments]
    strategies.look_and_record(crowd.venue.code, Timeframe.M1, moment, ids, still_holding={})
    with CaptureQueriesContext(connection) as captured:
        made = fan_out.fan_out(crowd.first.pk, moment)
    assert made == 2 * len(crowd.ids(*GROUPS)) * 9 // 10  # the paused are not asked
    return len(captured)
