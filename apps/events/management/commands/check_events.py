from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.events.models import Event
from apps.events.services.sealing import broken_link


class Command(BaseCommand):
    help = "Verifies the hash chain of every tenant and of the platform; exits 1 at a broken link."

    def handle(self, *args: Any, **options: Any) -> None:
        users = Event.objects.order_by("user_id").values_list("user_id", flat=True).distinct()
        chains = 0
        for user_id in users:
            chain = Event.objects.filter(user_id=user_id, sequence__isnull=False)
            broken = broken_link(chain.order_by("sequence").iterator())
            if broken is not None:
                raise CommandError(
                    f"The chain of {user_id or 'the platform'} is broken at event {broken.pk}."
                )
            chains += 1
        self.stdout.write(f"{chains} chains verified.")
