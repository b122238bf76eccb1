from django.contrib import admin

from apps.brokers.models import BrokerAccount, Venue
from apps.common.admin import ReadOnlyAdmin


@admin.register(Venue)
class VenueAdmin(ReadOnlyAdmin):
    list_display = ("code", "name")


@admin.register(BrokerAccount)
class BrokerAccountAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "name", "venue", "mode", "currency", "created_at")
    list_filter = ("mode", "venue")
    list_select_related = ("user", "venue")
    search_fields = ("user__email", "name")
