from celery import shared_task
from django.utils import timezone

from apps.accounts.services import token_sessions


@shared_task
def forget_expired_sessions() -> int:
    """Once a day: a client that stays away leaves its row behind."""
    return token_sessions.forget_expired(timezone.now())
