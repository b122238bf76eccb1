from django.contrib import admin

from apps.brokers.models import AccountVerification, BrokerAccount, Venue
from apps.common.admin import ReadOnlyAdmin


@admin.register(Venue)
class VenueAdmin(ReadOnlyAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(BrokerAccount)
class BrokerAccountAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "name", "venue", "mode", "currency",
        "paper_slippage_bps", "created_at",
    )  # fmt: skip
    list_filter = ("mode", "venue", "created_at")
    list_select_related = ("user", "venue")
    search_fields = ("user__email", "name", "venue__code")
    ordering = ("-id",)


@admin.register(AccountVerification)
class AccountVerificationAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "account", "checked_at", "is_verified", "can_trade", "can_withdraw", "reason",
    )  # fmt: skip
    list_filter = ("is_verified", "checked_at")
    list_select_related = ("user", "account")
    search_fields = ("user__email", "account__name")
    ordering = ("-id",)
