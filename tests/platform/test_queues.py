"""Every queue has a worker; what takes minutes stands in front of nothing that trades, and nothing
in front of the exit monitor."""

from collections.abc import Sequence

import pytest
from django.conf import settings

from apps.execution.tasks import look_after_positions
from apps.research import tasks
from nija import celery
from nija.parts import parts
from tests.containers import files


def of_checkout() -> dict[str, Sequence[str]]:
    started = parts(settings.BASE_DIR, host="127.0.0.1", port=8000)
    return {part.name: part.arguments for part in started}


def of_image() -> dict[str, Sequence[str]]:
    return {name: part["command"] for name, part in files.parts().items()}


def queues(arguments: Sequence[str]) -> set[str]:
    return set(arguments[arguments.index("-Q") + 1].split(",")) if "-Q" in arguments else set()


@pytest.mark.parametrize("started", [of_checkout(), of_image()], ids=["checkout", "image"])
def test_each_queue_is_taken_by_one_kind_of_worker(started: dict[str, Sequence[str]]) -> None:
    used = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    taken = [queue for arguments in started.values() for queue in queues(arguments)]

    assert sorted(taken) == sorted({*used, settings.CELERY_TASK_DEFAULT_QUEUE})


@pytest.mark.parametrize("started", [of_checkout(), of_image()], ids=["checkout", "image"])
def test_the_exit_monitor_has_a_worker_of_its_own(started: dict[str, Sequence[str]]) -> None:
    routes = celery.app.amqp.router.route({}, look_after_positions.name)

    assert {routes["queue"].name} == queues(started["exits"]) == {"exits"}
    others = set(settings.CELERY_TASK_ROUTES) - {look_after_positions.name}
    assert "exits" not in {settings.CELERY_TASK_ROUTES[name]["queue"] for name in others}


@pytest.mark.parametrize("started", [of_checkout(), of_image()], ids=["checkout", "image"])
def test_backtests_have_a_worker_of_their_own_that_yields(
    started: dict[str, Sequence[str]],
) -> None:
    queue = settings.CELERY_TASK_ROUTES[tasks.run_backtest.name]["queue"]

    assert queues(started["research"]) == {queue}
    assert list(started["research"][:2]) == ["nice", "-n"]
    assert "nice" not in started["worker"]


def test_a_backtest_may_take_longer_than_other_tasks_but_not_for_ever() -> None:
    """It ends itself first, and says why; only what cannot is killed."""
    of_all = settings.CELERY_TASK_TIME_LIMIT
    limit = tasks.run_backtest.time_limit
    assert of_all < settings.BACKTEST_TIME_LIMIT.total_seconds() < limit
