"""From paper to live: what a person has, and what their own trades on paper say of them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.models import Consent
from apps.accounts.services.consents import give_consent, withdraw_consent
from apps.brokers.models import BrokerAccount
from apps.brokers.services import open_account, record_verification
from apps.common.errors import Conflict, Refused
from apps.common.models import Mode
from apps.events.models import Event
from apps.execution.models import Position, Trade
from apps.execution.readiness import live_readiness, paper_trading
from apps.execution.services.going_live import go_live
from apps.strategies import services as strategies
from apps.strategies.services.certificates import certify, revoke
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, Prices, World, account, subscribe, user, world
from trading.readiness import Check, State

pytestmark = pytest.mark.django_db
NOW = timezone.now
DAY = timedelta(days=1)
ROUND_TRIP: tuple[Prices, ...] = (*QUIET, JUMP, "102.5", ("101", "101", "98", "98"))


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def found(lab: World) -> dict[str, Check]:
    return {check.name: check for check in live_readiness(lab.subscription, NOW())}


def give_plan(lab: World) -> None:
    plans.publish()
    plans.give(lab.alice, Plan.objects.get(code="pro"), now=NOW(), by="olga", reason="a test")


def live_account(lab: World, name: str = "Real") -> BrokerAccount:
    """As a later part of the platform will connect it."""
    return BrokerAccount.objects.create(
        user=lab.alice, venue=lab.venue, name=name, currency="USD", mode=Mode.LIVE
    )


def consent(lab: World) -> Consent:
    return give_consent(lab.alice, LIVE_TRADING, LIVE_TRADING.version, now=NOW())


def refusal(lab: World) -> str:
    with pytest.raises(Refused) as refused:
        go_live(lab.subscription, NOW())
    return refused.value.code


def test_the_first_thing_that_is_missing_is_named_one_after_the_other(lab: World) -> None:
    assert refusal(lab) == "CONSENT_MISSING"
    consent(lab)
    assert refusal(lab) == "PLAN_FORBIDS_LIVE"
    give_plan(lab)
    assert refusal(lab) == "ACCOUNT_NOT_VERIFIED"
    record_verification(live_account(lab), can_trade=True, can_withdraw=False, now=NOW())
    assert refusal(lab) == "CERTIFICATE_MISSING"
    certify(lab.version, valid_from=NOW() - DAY, valid_until=NOW() + DAY)
    assert refusal(lab) == "PAPER_TIME_TOO_SHORT"


def test_a_live_account_is_refused_with_what_is_missing(lab: World) -> None:
    def code() -> str:
        with pytest.raises(Refused) as refused:
            open_account(
                lab.alice, lab.venue, name="Real", currency="USD", mode=Mode.LIVE, now=NOW()
            )
        return refused.value.code

    assert code() == "CONSENT_MISSING"


def test_with_consent_and_plan_no_venue_takes_live_orders_yet(lab: World) -> None:
    consent(lab)
    give_plan(lab)

    with pytest.raises(Refused) as refused:
        open_account(lab.alice, lab.venue, name="Real", currency="USD", mode=Mode.LIVE, now=NOW())

    assert refused.value.code == "LIVE_NOT_AVAILABLE"


def test_a_live_account_is_subscribed_to_nothing(lab: World) -> None:
    real = live_account(lab)

    with pytest.raises(Refused) as refused:
        subscribe(lab.alice, lab.version, real)

    assert refused.value.code == "CONSENT_MISSING"


def test_a_consent_is_of_the_words_that_were_shown(lab: World) -> None:
    with pytest.raises(Conflict) as refused:
        give_consent(lab.alice, LIVE_TRADING, "0", now=NOW())
    assert refused.value.code == "DOCUMENT_CHANGED"


def test_a_consent_given_twice_is_one_and_can_be_withdrawn_and_given_again(lab: World) -> None:
    assert consent(lab) == consent(lab)
    assert found(lab)["consent"].state is State.MET

    assert withdraw_consent(lab.alice, LIVE_TRADING, now=NOW())
    assert not withdraw_consent(lab.alice, LIVE_TRADING, now=NOW())
    assert found(lab)["consent"].state is State.NOT_MET

    consent(lab)
    assert found(lab)["consent"].state is State.MET
    kinds = list(
        Event.objects.filter(kind__startswith="consent.").order_by("pk").values_list("kind")
    )
    assert kinds == [("consent.given",), ("consent.withdrawn",), ("consent.given",)]


@pytest.mark.parametrize(
    ("can_trade", "can_withdraw"), [(True, True), (True, None), (None, False), (False, False)]
)
def test_keys_that_may_withdraw_or_may_not_trade_verify_nothing(
    lab: World, can_trade: bool | None, can_withdraw: bool | None
) -> None:
    real = live_account(lab)
    record_verification(real, can_trade=True, can_withdraw=False, now=NOW())
    assert found(lab)["account"].state is State.MET

    record_verification(real, can_trade=can_trade, can_withdraw=can_withdraw, now=NOW())

    assert found(lab)["account"].state is State.NOT_MET


def test_an_account_that_is_verified_at_another_venue_is_none(lab: World) -> None:
    there = BrokerAccount.objects.create(
        user=lab.alice, venue=fakes.venue("other"), name="Real", currency="USD", mode=Mode.LIVE
    )

    record_verification(there, can_trade=True, can_withdraw=False, now=NOW())

    assert found(lab)["account"].state is State.NOT_MET


def test_a_verified_account_of_somebody_else_verifies_nobody(lab: World) -> None:
    bobs = BrokerAccount.objects.create(
        user=user("bob"), venue=lab.venue, name="Real", currency="USD", mode=Mode.LIVE
    )
    record_verification(bobs, can_trade=True, can_withdraw=False, now=NOW())

    assert found(lab)["account"].state is State.NOT_MET


def test_a_certificate_is_valid_for_its_time_and_its_code(lab: World) -> None:
    certify(lab.version, valid_from=NOW() - 2 * DAY, valid_until=NOW() - DAY)
    certify(lab.version, valid_from=NOW() + DAY, valid_until=NOW() + 2 * DAY)
    assert found(lab)["certificate"].state is State.NOT_MET

    valid = certify(lab.version, valid_from=NOW() - DAY, valid_until=NOW() + DAY)
    assert found(lab)["certificate"].state is State.MET

    assert revoke(valid, because="a leak", now=NOW())
    assert not revoke(valid, because="a leak", now=NOW())
    assert found(lab)["certificate"].state is State.NOT_MET


def test_who_has_not_traded_is_known_to_have_no_trade_and_nothing_else(lab: World) -> None:
    checks = found(lab)

    assert (checks["trades"].state, checks["trades"].observed) == (State.NOT_MET, "0")
    for name in ("time", "proven_net", "win_rate", "sharpe", "drawdown", "profit_factor", "quiz"):
        assert checks[name].state is State.NOT_KNOWN, name


def test_what_was_traded_on_paper_is_told_in_numbers(lab: World) -> None:
    lab.play(*ROUND_TRIP, first=MONDAY)
    trade = Trade.objects.get()
    assert trade.pnl < 0

    checks = found(lab)

    share = -trade.pnl / 5_000  # of the capital, all of it a drawdown
    assert checks["trades"].observed == "1"
    assert checks["win_rate"].observed == "0 %"
    assert checks["proven_net"].state is State.NOT_MET
    assert checks["drawdown"].state is State.MET
    assert Decimal(checks["drawdown"].observed.rstrip(" %")) >= share * 100
    assert checks["time"].state is State.NOT_MET


def test_what_is_open_counts_at_its_price_of_now(lab: World) -> None:
    after = lab.play(*ROUND_TRIP, first=MONDAY)
    closed = paper_trading(lab.subscription)
    assert (closed.is_holding, closed.open_pnl) == (False, Decimal(0))

    lab.play(*QUIET, JUMP, "102.5", "101.5", first=after)

    paper, held = paper_trading(lab.subscription), Position.objects.get()
    assert paper.is_holding
    assert paper.open_pnl == held.quantity * Decimal("101.5") - held.cost - held.fees != 0


def test_strangers_and_other_versions_do_not_count(lab: World) -> None:
    bob = user("bob")
    subscribe(bob, lab.version, account(bob, lab.venue))
    lab.play(*ROUND_TRIP, first=MONDAY)

    assert Trade.objects.count() == 2
    assert len(paper_trading(lab.subscription).trades) == 1


def test_who_begins_again_keeps_what_was_traded_before(lab: World) -> None:
    after = lab.play(*ROUND_TRIP, first=MONDAY)
    strategies.end(lab.subscription, now=after)
    again = subscribe(lab.alice, lab.version, lab.account)

    paper = paper_trading(again)

    assert len(paper.trades) == 1
    assert paper.capital == 5_000


@pytest.mark.parametrize("capital", ["50", "500000"])
def test_who_begins_again_with_another_capital_has_earned_no_more_of_it(
    lab: World, capital: str
) -> None:
    """The loss was of the 5,000 that stood behind it, and is the same part of what follows."""
    after = lab.play(*ROUND_TRIP, first=MONDAY)
    before = found(lab)
    strategies.end(lab.subscription, now=after)

    again = subscribe(lab.alice, lab.version, lab.account, capital=Decimal(capital))

    assert paper_trading(again).capital == Decimal(capital)
    checks = {check.name: check for check in live_readiness(again, NOW())}
    for name in ("proven_net", "proven_drawdown", "sharpe", "profit_factor"):
        assert (checks[name].state, checks[name].observed) == (
            before[name].state, before[name].observed
        ), name  # fmt: skip


def test_the_api_tells_every_check_to_its_owner_only(lab: World, client: Client) -> None:
    path = f"/api/v1/subscriptions/{lab.subscription.pk}/readiness"
    client.force_login(lab.alice)

    told = client.get(path).json()["data"]

    assert (told["is_ready"], told["first_unmet"]) == (False, "CONSENT_MISSING")
    assert len(told["checks"]) == 17
    assert told["checks"][0] == {
        "section": "needed", "name": "consent", "title": "You have agreed to trade with real money",
        "state": "not_met", "observed": "not given", "limit": "", "code": "CONSENT_MISSING",
        "message": "you have not agreed to trade with real money",
    }  # fmt: skip
    (sharpe,) = (each for each in told["checks"] if each["name"] == "sharpe")
    assert (sharpe["state"], sharpe["message"]) == ("not_known", "not known yet")
    client.force_login(user("bob"))
    assert client.get(path).status_code == 404
