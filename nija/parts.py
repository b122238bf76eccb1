"""The parts of the platform, as programs that the supervisor runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from nija.supervisor import Part

QUEUES = "trade,background"
WORKER_PROCESSES = 2
# The exit monitor waits for no slot that candles have taken.
EXITS_QUEUE = "exits"
EXITS_PROCESSES = 1
# What takes minutes waits for none of the above, and gets the processor that trading leaves.
RESEARCH_QUEUE = "research"
RESEARCH_PROCESSES = 1
RESEARCH_NICENESS = 10
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask, not where to listen


def parts(root: Path, *, host: str, port: int) -> list[Part]:
    """Every part, in the order in which they are started."""
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "nija.celery")
    return [
        _web(host, port),
        Part(
            "worker",
            (*celery, *_worker(QUEUES, WORKER_PROCESSES)),
            detail=f"{WORKER_PROCESSES} processes, queues {QUEUES}",
            ready_line=re.compile("^the worker is ready$"),
        ),
        Part(
            "exits",
            (*celery, *_worker(EXITS_QUEUE, EXITS_PROCESSES), "-n", "exits@%h"),
            detail="the exit monitor",
            ready_line=re.compile("^the worker is ready$"),
        ),
        Part(
            "research",
            (
                *("nice", "-n", str(RESEARCH_NICENESS)),
                *(*celery, *_worker(RESEARCH_QUEUE, RESEARCH_PROCESSES), "-n", "research@%h"),
            ),
            detail="backtests, one after the other",
            ready_line=re.compile("^the worker is ready$"),
        ),
        Part(
            "beat",
            (*celery, "beat", "--pidfile=", "--loglevel", "WARNING"),
            detail="schedule from the database",
            ready_line=re.compile("^the beat is ready$"),
        ),
        Part(
            "feed",
            (sys.executable, str(root / "manage.py"), "feed"),
            ready_line=re.compile(""),  # by its first line, which says what it feeds
        ),
    ]


def _web(host: str, port: int) -> Part:
    reachable = ANY.get(host, host)
    shown = f"[{reachable}]" if ":" in reachable else reachable
    return Part(
        "web",
        (
            *(sys.executable, "-m", "daphne", "-v", "0"),
            *("-b", host, "-p", str(port), "nija.asgi:application"),
        ),
        detail=f"http://{shown}:{port}",
        port=(reachable, port),
    )


def _worker(queues: str, processes: int) -> tuple[str, ...]:
    return (
        *("worker", "-Q", queues, "--concurrency", str(processes)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    )
