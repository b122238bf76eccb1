"""The Celery app: `celery -A nija.celery worker -Q trade,background`; one worker more for `exits`,
and one for `research`.
"""

import os
import signal
import sys
import warnings
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_ready,
)
from structlog.contextvars import bind_contextvars, unbind_contextvars

from nija import startup
from nija.processes import die_with_parent
from trading.indicators import library

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

# As root Celery warns of pickled messages, which we do not accept: ours are JSON.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("nija")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # for every thread: a web server's threads send tasks too


@celeryd_init.connect
def prepare_worker(**_: Any) -> None:
    startup.become_a_part()
    library.load()  # once, before the pool forks: the first candle is no later than the others


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Somebody listens, so Celery puts no handlers of its own in: their lines are not scrubbed."""


@task_prerun.connect
def name_the_task(task_id: str, task: Any, **_: Any) -> None:
    bind_contextvars(task_id=task_id, task=task.name)


@task_postrun.connect
def forget_the_task(**_: Any) -> None:
    unbind_contextvars("task_id", "task")


@worker_ready.connect
def tell_that_the_worker_is_ready(**_: Any) -> None:
    _tell("the worker is ready")


@worker_process_init.connect
def tie_to_the_worker(**_: Any) -> None:
    """Without this a pool process outlives a worker that was killed outright."""
    die_with_parent(signal.SIGKILL, parent=os.getppid())


@beat_init.connect
def prepare_beat(**_: Any) -> None:
    startup.become_a_part()
    _tell("the beat is ready")


def _tell(line: str) -> None:
    """For the supervisor, which reads what its parts print."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
