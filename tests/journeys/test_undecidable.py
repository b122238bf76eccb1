"""Somebody for whom nothing can be decided keeps nobody else from it, and is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from apps.execution import pipeline, recovery
from apps.execution.models import Approval, Order, Position, Trade
from apps.execution.selectors import holes
from apps.execution.services import fan_out, halting, undecided
from apps.execution.services.accounts import lock_free
from apps.market.models import CandleCursor, MarketClock
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies.models import Run, StrategySubscription
from tests import fakes
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from tests.journeys.asking import asking
from tests.journeys.outcome import assert_sound
from trading.gates import deciding
from trading.gates.codes import GateCode

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.logs_errors]

OTHERS = ("bob", "carl", "dora")
JUMPED = MONDAY + 5 * MINUTE
FALLS = "102.4"  # the strategy says to leave; the stop stands at 99.96


@pytest.fixture
def lab() -> World:
    """Four follow the strategy; of the first, Alice, a row is about to be spoilt."""
    made = fakes.world()
    for name in OTHERS:
        owner = fakes.user(name)
        fakes.subscribe(owner, made.version, fakes.account(owner, made.venue))
    made.play(*QUIET, first=MONDAY)
    return made


def spoil(user: User) -> None:
    """No such mode exists: nothing can be made of the row."""
    StrategySubscription.objects.filter(user=user).update(execution="spoilt")


def fail(lab: World, *prices: fakes.Prices, first: datetime) -> datetime:
    moment = fakes.write(lab.instrument, list(prices), first)
    with pytest.raises(ValueError, match="spoilt"):
        fakes.close(lab.venue, moment)
    return moment


def decided_through() -> datetime:
    return CandleCursor.objects.values_list("decided_through", flat=True).get()


def test_the_others_are_decided_and_she_is_left_for_another_try(lab: World) -> None:
    spoil(lab.alice)

    moment = fail(lab, JUMP, first=JUMPED - MINUTE)

    ordered = Order.objects.order_by("user_id").values_list("user__email", "status")
    assert list(ordered) == [(f"{name}@example.com", "accepted") for name in OTHERS]
    assert not Decision.objects.filter(user=lab.alice).exists()

    StrategySubscription.objects.update(execution="automatic")
    assert fakes.close(lab.venue, moment) == 1
    assert Decision.objects.get(user=lab.alice).outcome == "ordered"
    assert_sound()


def test_from_the_next_close_on_a_receipt_says_what_happened(lab: World) -> None:
    spoil(lab.alice)
    moment = fail(lab, JUMP, first=JUMPED - MINUTE)

    fail(lab, "103", first=moment)  # told once more

    receipt = Decision.objects.get(user=lab.alice)
    assert (receipt.outcome, receipt.code) == ("error", GateCode.DECIDING_FAILED)
    assert (receipt.decided_at, receipt.mode) == (moment, "paper")
    assert Run.objects.get(candle_close_time=moment).decided_at is not None
    assert decided_through() == moment + MINUTE
    assert not Run.objects.filter(status="missed").exists(), "nobody else has missed a candle"
    assert not holes()
    assert Position.objects.count() == len(OTHERS)
    assert_sound()


def test_what_she_holds_is_closed_when_the_strategy_says_to_leave(lab: World) -> None:
    moment = lab.play(JUMP, "102.5", "102.5", first=JUMPED - MINUTE)
    spoil(lab.alice)

    moment = fail(lab, FALLS, first=moment)
    assert Order.objects.filter(user=lab.alice, leg="exit").count() == 0
    end = fail(lab, FALLS, first=moment)
    lab.play(FALLS, first=end)

    assert not Position.objects.exclude(quantity=0).exists()
    hers = Decision.objects.filter(user=lab.alice).latest("pk")
    assert (hers.action, hers.outcome) == ("exit_long", "error")
    assert Order.objects.filter(user=lab.alice, leg="exit", exit__decided_at=end).count() == 1
    assert Trade.objects.get(user=lab.alice).exit_reason == "signal"
    page = signed_in(lab.alice).get(f"/decisions/{hers.pk}/").content.decode()
    assert "an error of ours kept us from deciding; what is held is closed at market" in page
    assert "No order was written for this signal itself" in page
    assert_sound()


def test_where_nobody_can_be_decided_all_are_told(lab: World) -> None:
    for user in User.objects.all():
        spoil(user)
    moment = fail(lab, JUMP, first=JUMPED - MINUTE)

    fail(lab, "103", first=moment)

    assert [*Decision.objects.values_list("outcome", flat=True)] == ["error"] * (1 + len(OTHERS))
    assert not Run.objects.filter(status="missed").exists()


def test_the_sweep_gives_up_too_and_only_once(lab: World) -> None:
    spoil(lab.alice)
    moment = fail(lab, JUMP, first=JUMPED - MINUTE)
    with pytest.raises(ValueError, match="spoilt"):
        recovery.redrive_undecided()
    MarketClock.objects.update(now=moment + MINUTE)

    with pytest.raises(ValueError, match="spoilt"):
        recovery.redrive_undecided()
    assert recovery.redrive_undecided() == 0

    assert Decision.objects.filter(user=lab.alice, outcome="error").count() == 1
    assert recovery.redrive_holes() == 0


def at_the_wall(lab: World, price: fakes.Prices, moment: datetime, *, milliseconds: int) -> None:
    """The clock of such a venue never stands at a close."""
    if price:
        fakes.write(lab.instrument, [price], moment - MINUTE)
    fakes.close(lab.venue, moment + timedelta(milliseconds=milliseconds))


def test_a_fault_of_the_moment_loses_nothing_where_the_clock_goes_on(lab: World) -> None:
    fakes.keep_the_walls_time(lab.venue)
    spoil(lab.alice)
    with pytest.raises(ValueError, match="spoilt"):
        at_the_wall(lab, JUMP, JUMPED, milliseconds=2_000)
    with pytest.raises(ValueError, match="spoilt"):
        at_the_wall(lab, "", JUMPED, milliseconds=7_000)

    StrategySubscription.objects.update(execution="automatic")
    at_the_wall(lab, "", JUMPED, milliseconds=12_000)

    assert Decision.objects.get(user=lab.alice).outcome == "ordered"


def test_there_it_is_given_up_with_the_next_candle(lab: World) -> None:
    """Whatever the milliseconds at which its feed looks at the clock."""
    fakes.keep_the_walls_time(lab.venue)
    spoil(lab.alice)
    with pytest.raises(ValueError, match="spoilt"):
        at_the_wall(lab, JUMP, JUMPED, milliseconds=2_110)

    with pytest.raises(ValueError, match="spoilt"):
        at_the_wall(lab, "103", JUMPED + MINUTE, milliseconds=2_090)

    assert Decision.objects.get(user=lab.alice).outcome == "error"
    assert decided_through() == JUMPED + MINUTE
    assert not Run.objects.filter(status="missed").exists()


def test_who_comes_to_it_late_does_not_give_up_at_once(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the first decision, and back when other code expects other columns."""
    late = fakes.write(lab.instrument, [JUMP], JUMPED - MINUTE)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fan_out, "decide_signals", killed)
        with pytest.raises(KeyboardInterrupt):
            fakes.close(lab.venue, late)
    for user in User.objects.all():
        spoil(user)
    MarketClock.objects.update(now=late + 6 * MINUTE)

    for _ in range(2):
        with pytest.raises(ValueError, match="spoilt"):
            recovery.redrive_undecided()

    assert not Decision.objects.exists()


def test_an_entry_that_fills_meanwhile_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders meet a candle between the search and the lock of her accounts."""
    lab = asking(monkeypatch, pullback_fraction=0.02, stop_fraction=0.05, target_fraction=0.1)
    moment = lab.play("100", "102", first=MONDAY)  # its limit rests at 99.96
    spoil(lab.alice)
    moment = fail(lab, "100.5", first=moment)
    now = moment + MINUTE
    MarketClock.objects.update(now=now)

    def fill() -> None:
        lab.play(("101.5", "101.5", "99.5", "101"), first=now)
        connection.close()

    def meanwhile(account_ids: Iterable[int]) -> set[int]:
        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "_decide", lambda *_: None)
            at_the_candle = Thread(target=fill)
            at_the_candle.start()
            at_the_candle.join()
        return lock_free(account_ids)

    monkeypatch.setattr(undecided, "lock_free", meanwhile)
    with pytest.raises(ValueError, match="spoilt"):
        recovery.redrive_undecided()

    exits = Decision.objects.get(action="exit_long")
    assert exits.verdicts[0][3] == "what is held is closed at market"
    order = Order.objects.get(leg="exit")
    assert (order.active_from, order.quantity) == (now + MINUTE, Position.objects.get().quantity)


def test_what_fails_at_giving_up_as_well_is_told_all_the_same(lab: World) -> None:
    moment = lab.play(JUMP, "102.5", "102.5", first=JUMPED - MINUTE)
    for user in User.objects.exclude(email="dora@example.com"):
        spoil(user)
    moment = fail(lab, FALLS, first=moment)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("spoilt")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(undecided, "flatten", broken)
        fail(lab, FALLS, first=moment)

    told = Decision.objects.filter(outcome="error")
    assert [each.verdicts[0][3] for each in told] == ["what is held could not be closed"] * 3
    assert Position.objects.exclude(quantity=0).count() == 3
    assert decided_through() == moment + MINUTE


def test_only_the_subscription_that_is_spoilt_is_left_out(lab: World) -> None:
    second = fakes.account(lab.alice, lab.venue, name="Second")
    healthy = fakes.subscribe(lab.alice, lab.version, second)
    StrategySubscription.objects.filter(user=lab.alice).exclude(pk=healthy.pk).update(
        execution="spoilt"
    )

    moment = fail(lab, JUMP, first=JUMPED - MINUTE)
    assert Order.objects.get(user=lab.alice).account == second
    fail(lab, "103", first=moment)

    hers = Decision.objects.filter(user=lab.alice).order_by("pk")
    assert [each.outcome for each in hers] == ["ordered", "error"]


def test_what_is_mended_by_then_is_decided(lab: World) -> None:
    """A worker with the mend may come a while after the first failure."""
    for user in User.objects.all():
        spoil(user)
    moment = fail(lab, JUMP, first=JUMPED - MINUTE)
    StrategySubscription.objects.update(execution="automatic")

    lab.play("103", "103", first=moment)

    made = Decision.objects.filter(signal__candle_close_time=moment)
    assert [each.outcome for each in made] == ["ordered"] * 4
    assert Run.objects.get(candle_close_time=moment).failing == {}


def test_whose_account_somebody_is_at_is_left_for_the_next_call(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(lab.alice)
    moment = fail(lab, JUMP, first=JUMPED - MINUTE)

    with monkeypatch.context() as patch:
        patch.setattr(undecided, "lock_free", lambda _: set())
        end = fail(lab, "103", first=moment)
        assert not Decision.objects.filter(user=lab.alice).exists()
        assert decided_through() == JUMPED - MINUTE
    with pytest.raises(ValueError, match="spoilt"):
        fakes.close(lab.venue, end)

    assert Decision.objects.get(user=lab.alice).outcome == "error"
    assert decided_through() == end


def test_what_waits_for_her_word_is_withdrawn_with_it(lab: World) -> None:
    StrategySubscription.objects.filter(user=lab.alice).update(execution="approve")
    moment = lab.play(JUMP, "102.5", "102.5", first=JUMPED - MINUTE)
    assert Approval.objects.get().answer == "waiting"
    spoil(lab.alice)

    moment = fail(lab, FALLS, first=moment)
    end = fail(lab, FALLS, first=moment)

    asked = Approval.objects.get()
    assert (asked.answer, asked.answered_at) == ("withdrawn", end)
    exits = Decision.objects.filter(user=lab.alice).latest("pk")
    assert exits.verdicts[0][3] == "nothing is held"


def test_all_versions_of_a_close_share_the_time_to_search(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = fakes.version([lab.instrument], "2.0.0")
    fakes.subscribe(lab.alice, rival, fakes.account(lab.alice, lab.venue, name="Rival"))
    ends: list[float | None] = []
    decide = fan_out.fan_out

    def noting(version_id: int, moment: datetime, **how: Any) -> int:
        ends.append(how["until"])
        return decide(version_id, moment, **how)

    monkeypatch.setattr(fan_out, "fan_out", noting)
    spoil(lab.alice)
    fail(lab, JUMP, first=JUMPED - MINUTE)
    with pytest.raises(ValueError, match="spoilt"):
        recovery.redrive_undecided()

    assert len(ends) == 4
    assert len(set(ends)) == 2


def test_what_the_others_found_trips_at_once(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tripped: list[Sequence[object]] = []
    monkeypatch.setattr(risk, "found_in", list)
    monkeypatch.setattr(halting, "trip_found", lambda found, **_: tripped.append(found))
    spoil(lab.alice)

    fail(lab, JUMP, first=JUMPED - MINUTE)

    assert [len(found) for found in tripped] == [len(OTHERS)]


def test_who_is_searched_for_too_long_is_left_with_the_others(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders wait to meet the next candle meanwhile."""
    monkeypatch.setattr(fan_out, "SEARCH_SECONDS", -1)
    spoil(lab.alice)

    fail(lab, JUMP, first=JUMPED - MINUTE)

    assert not Decision.objects.exists()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_she_reads_it_on_her_pages_and_in_the_api_and_staff_in_the_admin(lab: World) -> None:
    spoil(lab.alice)
    moment = fail(lab, JUMP, first=JUMPED - MINUTE)
    fail(lab, "103", first=moment)
    pk = Decision.objects.get(user=lab.alice).pk
    alice = signed_in(lab.alice)
    olga = signed_in(fakes.user("olga", is_staff=True, is_superuser=True))

    pages = [
        alice.get(path).content.decode()
        for path in (f"/decisions/{pk}/", "/decisions/?code=DECIDING_FAILED", "/decisions.csv")
    ]
    told = alice.get(f"/api/v1/decisions/{pk}").json()["data"]
    admin = olga.get(f"/admin/risk/decision/{pk}/change/").content.decode()

    said = "an error of ours kept us from deciding"
    assert [f"{said}; nothing is opened" in page for page in pages] == [True] * 3
    assert f"nothing is opened; {said}; DECIDING_FAILED" in admin
    assert (told["outcome"], told["code"], told["severity"]) == (
        "error", "DECIDING_FAILED", "WARNING",
    )  # fmt: skip
    assert [verdict["gate"] for verdict in told["verdicts"]] == [deciding.NUMBER]
