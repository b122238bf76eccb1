from celery import shared_task

from apps.events.services.relay import relay as relay_all


@shared_task
def relay() -> int:
    """Woken by each commit that recorded an event, and by the sweep."""
    return relay_all()
