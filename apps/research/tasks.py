from celery import shared_task
from django.utils import timezone

from apps.research.services import running, runs


@shared_task
def run_backtest(pk: int) -> bool:
    """Whether it was done by this worker."""
    return running.run(pk, clock=timezone.now) is not None


@shared_task
def resume_lost() -> int:
    """Every few seconds: backtests whose worker is gone, and those whose message was lost."""
    return runs.resume_lost(now=timezone.now())
