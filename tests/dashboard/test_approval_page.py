"""What waits for its owner, and who places entries, on pages that need no JavaScript."""

from collections import Counter

import pytest
from django.test import Client

from apps.execution.models import Approval, Order
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategySubscription
from tests import fakes
from tests.dashboard.reading import text
from tests.execution.listing import copies
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.gates.execution_mode import ExecutionMode
from trading.gates.values import Status

ENTERED = MONDAY + 5 * MINUTE
LIST = "/approvals/"


@pytest.fixture
def asked(lab: World) -> World:
    strategies.set_execution(lab.subscription, ExecutionMode.APPROVE, now=MONDAY, by=lab.alice.pk)
    lab.play(*QUIET, JUMP, first=MONDAY)
    return lab


def path() -> str:
    return f"{LIST}{Approval.objects.get().pk}/"


def test_what_has_expired_and_is_not_swept_yet_waits_no_more(asked: World, alice: Client) -> None:
    Approval.objects.update(asked_at=MONDAY, expires_at=ENTERED)

    shown = text(alice.get(LIST))

    assert "Nothing waits for you" in shown
    assert "Waiting 0 Nothing." in shown
    assert "Answered 1" in shown
    assert "Expired before you approved it 00:05 UTC" in shown
    assert "for your approval" not in text(alice.get("/subscriptions/"))


def test_all_that_wait_are_counted_though_not_all_are_shown(
    asked: World, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = Approval.objects.get()
    copies(approval.decision.signal, 1, source_key=lambda _: "copy")
    signal = Signal.objects.get(source_key="copy")
    copies(approval.decision, 1, signal_id=lambda _: signal.pk)
    copies(approval, 1, decision_id=lambda _: Decision.objects.get(signal=signal).pk)
    monkeypatch.setattr("apps.dashboard.selectors.asked.SHOWN", 1)

    shown = text(alice.get(LIST))

    assert "2 entries wait for you" in shown
    assert "Waiting the first 1 to expire, of 2" in shown


def test_what_was_asked_again_is_told_as_on_a_receipt(asked: World, alice: Client) -> None:
    asked.play("105", first=ENTERED)

    shown = text(alice.post(path(), {"answer": "approve"}, follow=True))

    statuses = Counter(verdict[1] for verdict in Approval.objects.get().verdicts)
    refused, unasked = statuses[Status.REFUSED], statuses[Status.NOT_APPLICABLE]
    told = f"{statuses.total() - unasked} asked, {refused} refused; {unasked} had nothing to ask"
    assert f"What was asked again {told} about" in shown
    assert "set by the platform" in shown


def test_nothing_waits_for_who_is_asked_nothing(alice: Client) -> None:
    assert "Nothing waits for you" in text(alice.get(LIST))


def test_what_waits_is_shown_with_its_price_and_the_time_left(asked: World, alice: Client) -> None:
    asked.play("103.02", first=ENTERED)

    shown = text(alice.get(LIST))

    assert "1 entry waits for you" in shown
    assert "Buy BTC-USD" in shown
    assert "102.00" in shown
    assert "103.02 +1.00" in shown
    assert "29 min" in shown


def test_it_is_approved_with_one_button(asked: World, alice: Client) -> None:
    shown = text(alice.post(path(), {"answer": "approve"}, follow=True))

    assert "Buy BTC-USD: approved" in shown
    assert "What was asked again" in shown
    assert Order.objects.get().status == "accepted"
    receipt = text(alice.get(f"/decisions/{Decision.objects.get().pk}/"))
    assert "Buying" in receipt
    assert "How it was answered" in receipt


def test_it_is_declined_with_the_other(asked: World, alice: Client) -> None:
    assert "Buy BTC-USD: declined by you" in text(
        alice.post(path(), {"answer": "decline"}, follow=True)
    )
    assert not Order.objects.exists()
    assert "Declined by you" in text(alice.get(LIST))
    assert "Declined by you" in text(alice.get("/"))


def test_a_refusal_on_approving_says_why(asked: World, alice: Client) -> None:
    asked.play("105", first=ENTERED)

    shown = text(alice.post(path(), {"answer": "approve"}, follow=True))

    assert "PRICE_DRIFTED" in shown
    assert "approved, then not ordered: the price has run away since the signal" in shown


def test_what_was_answered_or_has_expired_cannot_be_answered(asked: World, alice: Client) -> None:
    alice.post(path(), {"answer": "decline"})
    late = alice.post(path(), {"answer": "approve"})

    assert late.status_code == 409
    assert "APPROVAL_ANSWERED" in text(late)
    Approval.objects.update(answer="waiting", answered_at=None, asked_at=MONDAY, expires_at=ENTERED)
    late = alice.post(path(), {"answer": "approve"})
    assert late.status_code == 409
    assert "APPROVAL_EXPIRED" in text(late)
    assert 'value="approve"' not in alice.get(path()).content.decode()


@pytest.mark.parametrize("said", [{"answer": "perhaps"}, {}])
def test_an_answer_that_is_none_is_refused_and_changes_nothing(
    asked: World, alice: Client, said: dict[str, str]
) -> None:
    refused = alice.post(path(), said)

    assert refused.status_code == 400
    assert "INVALID_ANSWER: Nothing was done" in text(refused)
    assert Approval.objects.get().answer == "waiting"


def test_the_receipt_leads_to_it(asked: World, alice: Client) -> None:
    shown = alice.get(f"/decisions/{Decision.objects.get().pk}/")

    assert "Waits for your approval" in text(shown)
    assert f'href="{path()}"' in shown.content.decode()


def test_a_stranger_finds_nothing(asked: World, client: Client) -> None:
    client.force_login(fakes.user("bob"))
    for found in (path(), f"/subscriptions/{asked.subscription.pk}/"):
        assert client.get(found).status_code == 404
        assert client.post(found, {"answer": "approve", "execution": "watch"}).status_code == 404
    live = f"/subscriptions/{asked.subscription.pk}/live/"
    assert client.post(live, {"act": "consent", "version": "1"}).status_code == 404
    assert Approval.objects.get().answer == "waiting"


def test_every_card_says_who_places_entries(asked: World, alice: Client) -> None:
    shown = text(alice.get("/subscriptions/"))

    assert "SMA crossover 1.0.0" in shown
    assert "Running · APPROVE" in shown
    assert "1 for your approval" in shown


@pytest.mark.parametrize("mode", list(ExecutionMode))
def test_its_owner_changes_it(lab: World, alice: Client, mode: ExecutionMode) -> None:
    page = f"/subscriptions/{lab.subscription.pk}/"

    shown = text(alice.post(page, {"execution": mode.value}, follow=True))

    assert f"Running · {mode.value.upper()}" in shown
    assert StrategySubscription.objects.get().execution == mode


def test_what_is_none_of_the_three_is_refused(lab: World, alice: Client) -> None:
    page = f"/subscriptions/{lab.subscription.pk}/"

    wrong = alice.post(page, {"execution": "maybe"})

    assert wrong.status_code == 400
    assert "INVALID_SETTING" in text(wrong)


def test_an_ended_subscription_cannot_be_changed(lab: World, alice: Client) -> None:
    strategies.end(lab.subscription, now=MONDAY)
    late = alice.post(f"/subscriptions/{lab.subscription.pk}/", {"execution": "watch"})

    assert late.status_code == 400
    assert "SUBSCRIPTION_ENDED" in text(late)


def test_the_checklist_shows_every_check_and_takes_consent(lab: World, alice: Client) -> None:
    page = f"/subscriptions/{lab.subscription.pk}/live/"
    shown = text(alice.get(page))
    assert "Not ready for real money yet" in shown
    assert "0 OF 17 MET · CONSENT_MISSING" in shown
    # Of what nobody has measured, no reason is told as if it had been found too low.
    assert "Win rate Not known not known not known yet PAPER_WIN_RATE_TOO_LOW" in shown
    assert "at least 52 %" in shown

    agreed = text(alice.post(page, {"act": "consent", "version": "1"}, follow=True))
    assert "1 OF 17 MET · PLAN_FORBIDS_LIVE" in agreed
    assert "Withdraw my consent" in agreed
    assert "0 OF 17 MET" in text(alice.post(page, {"act": "withdraw"}, follow=True))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"act": "go_live"}, "CONSENT_MISSING"),
        ({"act": "consent", "version": "0"}, "DOCUMENT_CHANGED"),
        ({"act": "dance"}, "INVALID_ACT"),
    ],
)
def test_going_live_is_refused_with_the_first_check_that_is_not_met(
    lab: World, alice: Client, said: dict[str, str], code: str
) -> None:
    refused = alice.post(f"/subscriptions/{lab.subscription.pk}/live/", said)

    assert refused.status_code == 400
    assert code in text(refused)


def test_who_watches_reads_on_the_home_page_what_would_have_been_entered(
    lab: World, alice: Client
) -> None:
    strategies.set_execution(lab.subscription, ExecutionMode.WATCH, now=MONDAY, by=lab.alice.pk)
    lab.play(*QUIET, JUMP, "102", "102", "101.5", first=MONDAY)

    shown = text(alice.get("/"))

    assert "Skipped: the subscription only watches" in shown
    assert "nothing to close" not in shown
