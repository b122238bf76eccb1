from celery import shared_task
from django.utils import timezone

from apps.research.services import running, runs


@shared_task
def run_backtest(pk: int) -> bool:
    """In its turn: whether it was done here."""
    return running.run(pk, clock=timezone.now)


@shared_task
def resume_lost() -> int:
    """Every few seconds: backtests whose worker is gone, and those whose message was lost."""
    return runs.resume_lost(now=timezone.now())
