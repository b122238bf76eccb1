"""What is held at a price that is too old is worth nobody knows what: nothing is entered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.execution.models import Order, Position
from apps.market import selectors as market
from apps.market.models import Instrument
from apps.market.selectors.prices import HELD_PATIENCE
from apps.risk.models import Decision
from tests import fakes
from tests.fakes import HOUR, JUMP, MINUTE, MONDAY, QUIET, World
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> World:
    """Alice holds bitcoin, and follows another version that trades ether."""
    made = fakes.world()
    made.play(*QUIET, JUMP, "102.5", first=MONDAY)
    ether = fakes.instrument(made.venue, "ETH-USD")
    other = fakes.version([ether], "2.0.0")
    fakes.subscribe(made.alice, other, made.account)
    return made


def ether_jumps(lab: World, at: datetime) -> Decision:
    """Closes at `at`; nothing more of bitcoin has come."""
    ether = Instrument.objects.get(symbol="ETH-USD")
    first = at - 5 * MINUTE
    for number, price in enumerate((*QUIET, JUMP)):
        fakes.write(ether, [price], first + number * MINUTE)
        fakes.close(lab.venue, first + (number + 1) * MINUTE)
    return Decision.objects.get(instrument=ether, action="enter_long")


@pytest.mark.parametrize(
    ("later", "code"), [(HELD_PATIENCE, ""), (HELD_PATIENCE + 1, "FACT_UNKNOWN")]
)
def test_nothing_is_entered_while_what_is_held_has_no_price_of_today(
    lab: World, later: int, code: str
) -> None:
    last = MONDAY + 6 * MINUTE

    decision = ether_jumps(lab, last + later * MINUTE)

    assert decision.code == code
    assert Order.objects.filter(instrument__symbol="ETH-USD").exists() is (code == "")


def test_dust_keeps_its_last_price(lab: World) -> None:
    Position.objects.update(quantity=Decimal("0.00001"), cost=Decimal("0.001"))
    assert ether_jumps(lab, MONDAY + HOUR).code == ""


def test_a_position_leaves_however_old_other_prices_are(lab: World) -> None:
    ether_jumps(lab, MONDAY + HOUR - MINUTE)

    lab.play("102", "101", first=MONDAY + 3 * HOUR)

    left = Decision.objects.get(action="exit_long")
    assert left.outcome == "ordered"


BELL = datetime(2026, 6, 5, 20, 0, tzinfo=UTC)  # Friday
OPENS = datetime(2026, 6, 8, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "through", "now", "fresh"),
    [
        ("24/7", MONDAY, MONDAY + 3 * MINUTE, True),
        ("24/7", MONDAY, MONDAY + 4 * MINUTE, False),
        ("24/7", MONDAY, MONDAY - MINUTE, True),
        ("24/7", MONDAY + timedelta(seconds=30), MONDAY + 4 * MINUTE, False),
        ("XNYS", BELL, OPENS - MINUTE, True),
        ("XNYS", BELL, OPENS + 3 * MINUTE, True),
        ("XNYS", BELL, OPENS + 4 * MINUTE, False),
        ("XNYS", BELL - 2 * MINUTE, OPENS + MINUTE, True),
        ("XNYS", BELL - 2 * MINUTE, OPENS + 2 * MINUTE, False),
        ("XNYS", BELL - timedelta(days=5), OPENS, False),
        ("nowhere", BELL, BELL + 4 * MINUTE, False),
    ],
)
def test_candles_are_missed_while_their_market_is_open(
    calendar: str, through: datetime, now: datetime, fresh: bool
) -> None:
    assert market.is_fresh(calendar, through, now, Timeframe.M1, patience=3) is fresh


def test_an_old_price_is_none(lab: World) -> None:
    pk, last = lab.instrument.pk, MONDAY + 6 * MINUTE
    for later, known in ((0, True), (HELD_PATIENCE, True), (HELD_PATIENCE + 1, False)):
        found = market.priced([pk], last + later * MINUTE)
        assert found == {pk: (Decimal("102.5"), not known)}
    assert market.latest_prices([pk], last + HOUR) == {pk: Decimal("102.5")}
