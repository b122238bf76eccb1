"""Processes that outlive a test, and what a test must leave behind before the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import redis
from django.core.management import call_command

from tests.journeys.processes import Beat, Child, Worker, wait_until


class Crew:
    """Starts workers and beats; those that still live at the end are killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[Child] = []

    def worker(self, environment: Mapping[str, str], *queues: str) -> Worker:
        """One that is starting: `wait_until_ready` before it is needed."""
        made = Worker(environment, self.folder, *queues)
        self.children.append(made)
        return made

    def beat(self, environment: Mapping[str, str]) -> Beat:
        made = Beat(environment, self.folder)
        self.children.append(made)
        return made

    def kill(self) -> None:
        for child in self.children:
            child.kill()
            print(f"--- {child.name}\n{child.output()}")  # noqa: T201 - shown when the test fails


@pytest.fixture
def conserved(db: None) -> Iterator[None]:
    """After the test no money is missing, no decision and no stop."""
    yield
    call_command("check_ledger")
    call_command("check_protection")
    call_command("check_completeness")


@pytest.fixture
def crew(child_environment: Mapping[str, str], tmp_path: Path) -> Iterator[Crew]:
    """Processes of one test, gone before its rows are."""
    made = Crew(tmp_path)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def standing_crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Gone before another file's tests begin: its workers would relay the events of those, too."""
    made = Crew(tmp_path_factory.mktemp("workers"))
    yield made
    made.kill()


@pytest.fixture
def two_workers(
    standing_crew: Crew, child_environment: Mapping[str, str], valkey: redis.Redis
) -> Iterator[list[Worker]]:
    """Two workers on the platform's queues, the same for the tests of a file; at rest when
    the test begins and when its rows are deleted."""
    if not standing_crew.children:
        for _ in range(2):
            standing_crew.worker(child_environment, "trade", "exits", "background")
    workers = [child for child in standing_crew.children if isinstance(child, Worker)]
    for worker in workers:
        worker.wait_until_ready()
    yield workers
    wait_until(lambda: is_at_rest(valkey), "the workers are at rest")


def is_at_rest(valkey: redis.Redis) -> bool:
    """Whether no task waits on the platform's queues and no worker has one in hand."""
    queues = ("trade", "exits", "background")
    return not (any(map(valkey.llen, queues)) or valkey.hlen("unacked"))
