"""A short, from the signal to flat: what it keeps of the cash, and every way in which it ends."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.execution.models import Balance, Funding, Order, Position, Trade
from apps.execution.services.accounts import free_cash
from apps.market.models import FundingRate, Instrument
from apps.market.services import funding_rates
from apps.risk.models import Decision
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("conserved")]

DIP = "98"  # the fast average falls below the slow one


def lab_of(**settings: Any) -> World:
    lab = fakes.world(**settings)
    Instrument.objects.update(
        is_shortable=True, initial_margin=Decimal("0.5"), maintenance_margin=Decimal("0.25")
    )
    return lab


def standing(lab: World) -> dict[str, Order]:
    orders = Order.objects.filter(subscription=lab.subscription, status="accepted")
    return {order.leg: order for order in orders}


def cash_of(lab: World) -> Decimal:
    return Decimal(Balance.objects.get(account=lab.account).cash)


def test_a_short_is_opened_on_margin_and_bought_back_at_its_target() -> None:
    lab = lab_of()
    after = lab.play(*QUIET, DIP, "98", first=MONDAY)

    position = Position.objects.get()
    assert position.quantity == Decimal("-25.5102")  # 50 at risk, 1.96 to the stop
    legs = standing(lab)
    assert {leg: order.side for leg, order in legs.items()} == dict.fromkeys(
        ["stop", "target", "liquidation"], "buy"
    )
    assert legs["stop"].trigger_price == Decimal("99.96")
    assert legs["liquidation"].trigger_price == Decimal("117.60")  # 98 x 1.5 / 1.25
    sold = Decimal("25.5102") * 98
    assert cash_of(lab) == fakes.DEPOSIT + sold * Decimal("0.999")
    assert free_cash([lab.account.pk])[lab.account.pk] == cash_of(lab) - sold * Decimal("1.5")

    lab.play("94", first=after)

    trade = Trade.objects.get()
    assert (trade.direction, trade.exit_reason) == ("short", "target")
    assert cash_of(lab) == fakes.DEPOSIT + trade.pnl == free_cash([lab.account.pk])[lab.account.pk]
    assert set(Order.objects.values_list("leg", "status")) == {
        ("entry", "filled"),
        ("target", "filled"),
        ("stop", "canceled"),
        ("liquidation", "canceled"),
    }


def test_a_short_is_stopped_before_it_is_liquidated() -> None:
    lab = lab_of()
    lab.play(*QUIET, DIP, "98", ("98", "120", "98", "119"), first=MONDAY)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("stop", Decimal("99.96"))


def test_the_venue_closes_a_short_whose_margin_is_used_up() -> None:
    lab = lab_of(parameters={"stop_loss": 0, "take_profit": 0}, risk_per_trade=Decimal("0.5"))
    lab.play(*QUIET, DIP, "98", ("100", "118", "100", "118"), first=MONDAY)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("margin_call", Decimal("117.60"))
    assert cash_of(lab) == fakes.DEPOSIT + trade.pnl


@pytest.mark.usefixtures("without_limits")
def test_a_gap_beyond_the_margin_is_closed_whatever_it_costs_and_nothing_is_opened_on_debt() -> (
    None
):
    settings = {"stop_loss": 0, "take_profit": 0}
    lab = lab_of(
        deposit="10000", parameters=settings, risk_per_trade=Decimal(1), capital=Decimal(9_500)
    )
    after = lab.play(*QUIET, DIP, "98", "250", first=MONDAY)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("margin_call", Decimal(250))
    assert cash_of(lab) == 10_000 + trade.pnl < 0

    lab.play("250", "90", first=after)
    refused = Decision.objects.filter(action="enter_short").latest("id")
    # An equity that falls by more than half is a jump, which halts the account by itself.
    assert (refused.outcome, refused.code) == ("denied", "TRADING_HALTED")
    assert "INSUFFICIENT_BALANCE" in {verdict[2] for verdict in refused.verdicts}


def test_a_long_is_turned_into_a_short_at_one_open() -> None:
    lab = lab_of()
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    bought = Position.objects.get().quantity
    assert bought > 0

    after = lab.play("101", first=after)
    lab.play("101", first=after)

    trade = Trade.objects.get()
    assert (trade.direction, trade.exit_reason, trade.exit_price) == ("long", "signal", 101)
    position = Position.objects.get()
    assert position.quantity < 0
    assert position.opened_at == trade.closed_at == after
    assert {order.side for order in standing(lab).values()} == {"buy"}  # the long's are gone
    assert set(standing(lab)) == {"stop", "target", "liquidation"}


@pytest.mark.usefixtures("without_limits")
def test_turning_needs_no_second_position_and_no_second_capital() -> None:
    lab = lab_of(max_positions=1, risk_per_trade=Decimal("0.9"))
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    entered = Decision.objects.get(action="enter_long")
    assert entered.sized_down_by == "CAPITAL_TIMES_LEVERAGE"

    lab.play("101", "101", first=after)

    turned = Decision.objects.get(action="enter_short")
    assert (turned.outcome, turned.sized_down_by) == ("ordered", "CAPITAL_TIMES_LEVERAGE")
    assert Position.objects.get().quantity < 0


@pytest.mark.usefixtures("without_limits")
def test_what_a_short_has_brought_in_buys_nothing_else() -> None:
    lab = lab_of(deposit="10000", risk_per_trade=Decimal("0.9"), capital=Decimal(9_000))
    other = fakes.instrument(lab.venue, "ETH-USD")
    follower = fakes.version([other], "2.0.0", capital=Decimal(9_000), risk_per_trade=Decimal(1))
    fakes.subscribe(lab.alice, follower, lab.account)
    moment = MONDAY
    for bitcoin, ether in zip([*QUIET, DIP, "98"], ["100"] * 5 + [JUMP], strict=True):
        fakes.write(lab.instrument, [bitcoin], moment, volume="10000")
        moment = fakes.write(other, [ether], moment)
        fakes.close(lab.venue, moment)

    assert cash_of(lab) > 18_000
    bought = Decision.objects.get(instrument=other)
    assert (bought.outcome, bought.sized_down_by) == ("ordered", "AVAILABLE")
    assert bought.quantity * 102 < 10_000 - 9_000


def test_partial_fills_move_the_liquidation_with_the_average_entry() -> None:
    lab = lab_of()
    after = lab.play(*QUIET, DIP, first=MONDAY)
    after = fakes.write(lab.instrument, ["98"], after, volume="100")  # ten of them
    fakes.close(lab.venue, after)
    assert standing(lab)["liquidation"].trigger_price == Decimal("117.60")

    after = fakes.write(lab.instrument, ["99"], after)
    fakes.close(lab.venue, after)

    leg, position = standing(lab)["liquidation"], Position.objects.get()
    average = position.cost / position.quantity
    assert (leg.quantity, position.quantity) == (Decimal("25.5102"), Decimal("-25.5102"))
    assert average > Decimal("98.5")
    assert leg.trigger_price == lab.instrument.rules.price_down(average * Decimal("1.2"))


def funded(lab: World, rate: str, minutes: int) -> FundingRate:
    funding_rates.record_rates(lab.instrument.pk, [(MONDAY + minutes * MINUTE, Decimal(rate))])
    return FundingRate.objects.get()


def test_funding_is_charged_once_and_ends_up_in_the_round_trip() -> None:
    lab = lab_of()
    rate = funded(lab, "0.001", 8)
    after = lab.play(*QUIET, DIP, "98", "97", first=MONDAY)
    assert Funding.objects.count() == 0  # seven minutes in

    after = lab.play("96", first=after)
    fakes.close(lab.venue, after)  # again, to no effect

    paid = Funding.objects.get()
    rate.refresh_from_db()
    assert (paid.rate, rate.charged_at, paid.price) == (rate, after, 96)
    assert paid.amount == Decimal("2.44897920")  # 25.5102 x 96 x 0.001, to the short
    assert Position.objects.get().funding == paid.amount
    lab.play("94", first=after)
    trade = Trade.objects.get()
    assert trade.funding == paid.amount
    assert trade.pnl == cash_of(lab) - fakes.DEPOSIT
    assert Position.objects.get().funding == 0
    assert lab.subscription.risk_state.realised_pnl == trade.pnl


def test_who_opens_at_the_moment_of_funding_has_not_held_over_it() -> None:
    lab = lab_of()
    rate = funded(lab, "0.001", 5)
    lab.play(*QUIET, DIP, "98", first=MONDAY)

    assert Position.objects.get().opened_at == rate.time
    assert Funding.objects.count() == 0
    rate.refresh_from_db()
    assert rate.charged_at is not None


def test_a_rate_that_is_told_late_is_charged_with_the_next_candle() -> None:
    lab = lab_of()
    after = lab.play(*QUIET, DIP, "98", "98", "98", first=MONDAY)
    rate = funded(lab, "-0.001", 7)

    lab.play("98", first=after)

    rate.refresh_from_db()
    assert rate.charged_at == after + MINUTE
    assert Funding.objects.get().amount < 0  # the shorts pay


def test_its_owner_sees_where_it_is_liquidated_and_nobody_else_does(client: Client) -> None:
    lab = lab_of()
    funded(lab, "0.001", 7)
    lab.play(*QUIET, DIP, "98", "98", first=MONDAY)
    position = Position.objects.get()

    client.force_login(lab.alice)
    page = client.get(f"/positions/{position.pk}/").content.decode()
    assert "Liquidation at</dt><dd>117.60" in page
    assert "Margin held</dt><dd>1,250.00" in page
    assert "Funding so far" in page
    assert "liquidation 117.60" in client.get("/").content.decode()

    told = client.get("/api/v1/account/positions").json()["data"]["positions"][0]
    assert (told["side"], told["liquidation_price"]) == ("short", 117.6)
    balance = client.get("/api/v1/account/balance").json()["data"]
    free = free_cash([lab.account.pk])[lab.account.pk]
    assert balance["buying_power"] == pytest.approx(float(free))

    client.force_login(fakes.user("bob"))
    assert client.get(f"/positions/{position.pk}/").status_code == 404


def test_funding_is_a_result_and_no_deposit(client: Client) -> None:
    lab = lab_of()
    funded(lab, "0.01", 7)
    lab.play(*QUIET, DIP, "98", "98", "94", "94", first=MONDAY)
    client.force_login(lab.alice)

    trade = Trade.objects.get()
    stats = client.get("/api/v1/account/stats").json()["data"]
    told = client.get("/api/v1/account/performance").json()["data"]["metrics"]
    assert trade.funding == Decimal("24.99999600")
    assert stats["account"]["total_deposits"] == fakes.DEPOSIT
    assert told["net_pnl"] == pytest.approx(float(trade.pnl))
