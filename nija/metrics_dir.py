"""Metrics of several processes as one page.

Each process of a platform run writes its values into a file of its own in a private folder, which
the supervisor names in PROMETHEUS_MULTIPROC_DIR, empties when a run starts, and tidies when a
process has ended; `page` adds the files up. Without the folder (one process alone, a test) the
values of this process are the page. Another supervisor of processes has to do the same three
things: name an empty folder before the first import of `prometheus_client`, share it between the
processes of one machine, and call `forget_the_dead` when one of them ends.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from django.conf import settings
from prometheus_client import REGISTRY as THIS_PROCESS
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
WRITER = re.compile(r"_(\d+)\.db$")


def page() -> bytes:
    """All metrics in Prometheus' text format."""
    folder = settings.METRICS_DIR
    if not folder:
        return generate_latest(THIS_PROCESS)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)
    return generate_latest(registry)


def made_for_this_run(parent: Path) -> Path:
    """A new private folder inside `parent`; what runs that have ended left there is deleted."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for earlier in parent.iterdir():
        if earlier.name.isdecimal() and not _is_another_run(int(earlier.name)):
            shutil.rmtree(earlier)
    folder = parent / str(os.getpid())
    folder.mkdir(mode=0o700)
    return folder


def forget_the_dead(folder: Path) -> None:
    """Drop the gauges of processes that have ended; what they counted stays counted."""
    writers = {int(found[1]) for file in folder.glob("*.db") if (found := WRITER.search(file.name))}
    for pid in writers:
        if not _lives(pid):
            mark_process_dead(pid, path=str(folder))


def _is_another_run(pid: int) -> bool:
    return pid != os.getpid() and _lives(pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
