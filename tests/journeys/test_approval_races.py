"""An entry is approved by two at once, and while it expires or is withdrawn: one order at most, and
one answer."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet

from apps.common.errors import Conflict
from apps.execution.models import Approval, Order
from apps.execution.services import approvals
from apps.execution.services.approving import approve, decline
from apps.strategies import services as strategies
from tests.fakes import JUMP, MONDAY, QUIET, World, account, subscribe, user, world
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 5
AT_ONCE = 4


@pytest.fixture
def lab() -> World:
    lab = world()
    strategies.set_execution(lab.subscription, ExecutionMode.APPROVE, now=MONDAY, by=lab.alice.pk)
    return lab


def _approvals() -> QuerySet[Approval]:
    return Approval.objects.select_related(
        "decision__instrument", "decision__signal__instrument", "decision__signal__version",
        "decision__signal__run",
    )  # fmt: skip


def _at_once(*acts: Callable[[], object]) -> list[str]:
    """What each of them ended with: its answer, or the code of its refusal."""
    ready, ends = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait()
            ends.append(getattr(act(), "answer", "swept"))
        except Conflict as late:
            ends.append(late.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == len(acts)
    return sorted(ends)


def test_approved_by_many_at_once_it_is_ordered_once(lab: World) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    found = _approvals().get()

    ends = _at_once(*[lambda: approve(found, by=lab.alice)] * AT_ONCE)

    assert ends == ["APPROVAL_ANSWERED"] * (AT_ONCE - 1) + ["approved"]
    order = Order.objects.get()
    assert (order.decision_id, order.status) == (found.decision_id, "accepted")


def test_whoever_answers_first_is_the_only_one_to_answer(lab: World) -> None:
    people = [lab.alice, *(user(f"trader{number}") for number in range(PEOPLE - 1))]
    for person in people[1:]:
        own = account(person, lab.venue)
        subscribe(person, lab.version, own, execution=ExecutionMode.APPROVE.value)
    lab.play(*QUIET, JUMP, first=MONDAY)

    for person in people:
        found = _approvals().get(user=person)
        acts: list[Callable[[], object]] = [partial(approve, found, by=person)]
        acts.append(partial(decline, found, by=person))
        if person is people[-1]:
            acts.append(partial(approvals.expire, "lab", found.expires_at))
        _at_once(*acts)
        answered = Approval.objects.get(pk=found.pk)
        ordered = Order.objects.filter(decision=found.decision_id).count()
        assert answered.answer in {"approved", "declined", "expired"}
        assert ordered == (answered.answer == "approved")
