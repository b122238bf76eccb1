"""Every queue has a worker, and what takes minutes stands in front of nothing that trades."""

from collections.abc import Sequence

import pytest
from django.conf import settings

from apps.research import tasks
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
