from django.contrib import admin
from django.http import HttpRequest

from apps.accounts.models import User
from apps.brokers import services
from apps.brokers.models import AccountVerification, BrokerAccount, Venue
from apps.common.acts import reasoned
from apps.common.admin import ReadOnlyAdmin
from trading.order_kinds import STOPS


@reasoned("Say that no stop can stand at the selected venues", permission="declare")
def holds_no_stops(venue: Venue, by: User, reason: str) -> str:
    services.declare_stops(venue, rests=False)
    return "Stops that are written from now on are held and watched by us."


@reasoned("Say that stops can stand at the selected venues", permission="declare")
def holds_stops(venue: Venue, by: User, reason: str) -> str:
    services.declare_stops(venue, rests=True)
    return "Stops that are written from now on are sent there."


@reasoned("Rehearsal: let the paper venue refuse stops", permission="declare")
def refuse_stops(venue: Venue, by: User, reason: str) -> str:
    services.refuse_on_paper(venue, STOPS)
    return "Its paper venue refuses every kind of stop: positions climb the ladder."


@reasoned("End the rehearsal: let the paper venue take every order", permission="declare")
def take_everything(venue: Venue, by: User, reason: str) -> str:
    services.refuse_on_paper(venue, ())
    return "Its paper venue takes every kind of order."


@admin.register(Venue)
class VenueAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "rests_stops", "paper_refuses")
    search_fields = ("code", "name")
    ordering = ("code",)
    actions = (holds_no_stops, holds_stops, refuse_stops, take_everything)

    def has_declare_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("brokers.change_venue")


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
