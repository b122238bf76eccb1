"""A snapshot and the events after it are what a new snapshot would be, by a client's rules."""

import itertools
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.services.consents import give_consent, withdraw_consent
from apps.common.errors import Refused
from apps.dashboard import frames
from apps.dashboard.management.commands import describe_streams
from apps.dashboard.messages import EVENT_DATA
from apps.dashboard.topics import POSITIONS, TRADES
from apps.events.models import Event
from apps.events.services.relay import relay
from apps.execution.models import Approval
from apps.execution.services.accounts import record_deposit
from apps.execution.services.approving import decline
from apps.market.services import funding_rates
from apps.research.services import running, runs
from apps.research.services.requests import Request
from apps.risk import services as risk
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from nija.reactions import REACTIONS
from tests import fakes
from tests.fakes import MONDAY, World
from tests.streams.reducer import Seen
from tests.streams.speech import check_nothing_undescribed
from trading.gates.execution_mode import ExecutionMode

numbers = itertools.count(1)


@dataclass
class Stage:
    """One user, whose subscription trades whatever comes."""

    lab: World
    now: datetime = MONDAY

    def enter(self) -> None:
        self._play(*fakes.QUIET, fakes.JUMP, "102.5")

    def stop(self) -> None:
        self._play(("101", "101", "90", "98"))

    def rise(self) -> None:
        self._play(("103", "120", "103", "119"))

    def turn(self) -> None:
        self._play("102", "101.5", "101")

    def fund(self) -> None:
        moment = self.now + fakes.MINUTE
        funding_rates.record_rates(self.lab.instrument.pk, [(moment, Decimal("0.0123"))])
        self._play("102.25")

    def deposit(self) -> None:
        record_deposit(self.lab.account, Decimal("12.345678"), now=self.now)

    def pause(self) -> None:
        strategies.pause(self.lab.subscription, now=self.now)

    def ask(self) -> None:
        """For its owner's word, who says no."""
        kept = StrategySubscription.objects.get(pk=self.lab.subscription.pk).execution
        fakes.keep_own_time(self.lab.venue)
        self._set(ExecutionMode.APPROVE)
        self.enter()
        for waiting in Approval.objects.filter(user=self.lab.alice, answer="waiting"):
            decline(waiting, by=self.lab.alice)
        self._set(ExecutionMode(kept))

    def _set(self, mode: ExecutionMode) -> None:
        strategies.set_execution(self.lab.subscription, mode, now=self.now, by=self.lab.alice.pk)

    def resume(self) -> None:
        strategies.resume(self.lab.subscription, now=self.now)

    def trip(self) -> None:
        with suppress(Refused):  # it is tripped already
            risk.trip(by="alice", reason="enough", now=self.now, user=self.lab.alice)

    def reset(self) -> None:
        with suppress(Refused):  # nothing is tripped
            risk.reset(by="alice", reason="over", now=self.now, user=self.lab.alice)

    def research(self) -> None:
        """With every word of the worker told."""
        with suppress(Refused):  # there are no candles yet
            run = runs.start(self.lab.alice, Request(self.lab.version, {}), now=self.now)
            with patch.multiple(running, SECONDS_BETWEEN_WORDS=0, SECONDS_BETWEEN_EVENTS=0):
                running.run(run.pk, clock=lambda: self.now)

    def consent(self) -> None:
        """And think better of it."""
        give_consent(self.lab.alice, LIVE_TRADING, LIVE_TRADING.version, now=self.now)
        withdraw_consent(self.lab.alice, LIVE_TRADING, now=self.now)

    def tell(self) -> None:
        relay()

    def _play(self, *prices: fakes.Prices) -> None:
        self.now = self.lab.play(*prices, first=self.now)


STEPS = [
    "enter",
    "stop",
    "rise",
    "turn",
    "fund",
    "deposit",
    "pause",
    "ask",
    "resume",
    "trip",
    "reset",
    "research",
    "tell",
]


def stage() -> Stage:
    number = next(numbers)
    at = fakes.venue(f"lab{number}")
    traded = fakes.instrument(at, is_shortable=True)
    followed = fakes.version([traded], f"1.{number}.0")
    alice = fakes.user(f"alice{number}")
    paper = fakes.account(alice, at)
    subscription = fakes.subscribe(alice, followed, paper)
    return Stage(World(at, traded, followed, alice, paper, subscription))


def seen(lab: World) -> Seen:
    snapshots: list[Any] = []
    for path, topic in (("/ws/positions", POSITIONS), ("/ws/trades", TRADES)):
        _, frame = topic.beginning(lab.alice)
        snapshots.append(json.loads(frame))
        check_nothing_undescribed(path, snapshots[-1])
    return Seen(*snapshots)


def events_after(lab: World, sequence: int) -> list[Any]:
    chain = Event.objects.of(lab.alice).filter(sequence__gt=sequence).order_by("sequence")
    return [json.loads(frames.event_frame(event)) for event in chain]


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(
    before=["enter"], after=["tell", "stop", "deposit", "enter", "fund", "rise", "turn", "fund"]
)
@example(before=["deposit"], after=["enter", "tell", "trip", "pause", "research", "reset"])
@given(
    before=st.lists(st.sampled_from(STEPS), max_size=3),
    after=st.lists(st.sampled_from(STEPS), min_size=1, max_size=5),
)
def test_a_snapshot_and_the_events_after_it_make_a_new_snapshot(
    before: list[str], after: list[str]
) -> None:
    """Wherever the first is taken: before or after its events have been sealed."""
    played = stage()
    for step in before:
        getattr(played, step)()
    kept = seen(played.lab)
    begun = kept.sequence

    for step in after:
        getattr(played, step)()
    relay()
    for event in events_after(played.lab, begun):
        check_nothing_undescribed("/ws/positions", event)
        kept.apply(event)

    assert kept == seen(played.lab)


@pytest.mark.django_db(transaction=True)
def test_the_steps_of_the_test_above_make_nearly_every_kind_of_event() -> None:
    """Or it would prove nothing of the others."""
    played = stage()
    steps = (
        "ask",
        "enter",
        "fund",
        "stop",
        "pause",
        "resume",
        "trip",
        "reset",
        "deposit",
        "research",
    )
    for step in steps:
        getattr(played, step)()
    played.consent()
    strategies.end(played.lab.subscription, now=played.now)
    relay()

    made = set(Event.objects.of(played.lab.alice).values_list("kind", flat=True))
    # For these something has to fail first; the tests of what watches over it do that.
    assert made == set(EVENT_DATA) - {
        "position.naked", "order.stuck", "order.met_late", "kill_switch.drained",
    }  # fmt: skip


def test_every_kind_that_a_user_is_told_is_described() -> None:
    of_the_platform = {
        "candles.closed", "candles.passed_over", "run.reopened", "certificate.issued",
        "certificate.revoked",
    }  # fmt: skip
    assert set(EVENT_DATA) == set(REACTIONS) - of_the_platform


def test_the_page_of_the_streams_is_up_to_date() -> None:
    """Else: manage.py describe_streams"""
    page = Path(django_settings.BASE_DIR) / describe_streams.PAGE
    assert page.read_text() == describe_streams.page()
