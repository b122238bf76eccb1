"""Giving a plan. Who may do it is said below; what it means to the person's accounts is known
here."""

from django.contrib import admin
from django.utils import timezone

from apps.execution.dead_zones import dead_zones
from apps.subscriptions.admin import SubscriptionAdmin
from apps.subscriptions.models import Subscription

admin.site.unregister(Subscription)


@admin.register(Subscription)
class GivenPlans(SubscriptionAdmin):
    def said_of(self, given: Subscription) -> str:
        """With each account in which nothing can be traded from now on."""
        zones = (
            f"TIER_DEADLOCK in {zone.account} ({zone.mode.label.lower()}): {zone.why}."
            for zone in dead_zones(given.user, timezone.now())
        )
        return " ".join([super().said_of(given), *zones])
