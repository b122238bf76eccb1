"""Stopping: one's own trading by everybody, anything by staff with the right to."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.common.api import asked, is_above_rate, success
from apps.common.fields import LONGEST_REASON
from apps.common.schema import Money, answers
from apps.execution.drain_words import in_words
from apps.execution.services import drains, halting
from apps.execution.services.stopping import stop_own_trading, strictest_stop
from apps.risk import selectors as risk_rows
from apps.risk.models import KillSwitch
from apps.risk.scopes import SPELLINGS, spelling, target_named
from trading.gates.values import TradingState

STATES = [state.name for state in TradingState]
TRIPPED = [state for state in STATES if state != TradingState.ACTIVE.name]
API = KillSwitch.Source.API


class EmergencyStop(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)
    close_positions = serializers.BooleanField(
        default=False, help_text="Close what is held at market too."
    )


class DrainFields(serializers.Serializer[Any]):
    """How far it has come. It is done on evidence: orders that have ended, positions that are
    flat."""

    is_done = serializers.BooleanField()
    orders = serializers.IntegerField(help_text="Entries that had to end.")
    cancelled = serializers.IntegerField()
    filled = serializers.IntegerField(help_text="In flight, and filled before the cancel.")
    working = serializers.IntegerField(help_text="Entries that still stand.")
    positions = serializers.IntegerField(help_text="That had to be closed.")
    not_flat = serializers.IntegerField(help_text="Of those, still open.")
    open_positions = serializers.IntegerField()
    dust = serializers.IntegerField(help_text="Of those, too small for any exit; not waited for.")
    exposure = serializers.DictField(
        child=Money(), help_text="What the open positions are worth, by currency."
    )


class StopFields(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["active", "emergency_stopped"])
    state = serializers.ChoiceField(choices=STATES)
    positions_closed = serializers.IntegerField(help_text="Seen to be flat.")
    message = serializers.CharField()
    reason = serializers.CharField()
    tripped_by = serializers.CharField()
    tripped_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    drain = DrainFields(allow_null=True)


class OwnStop(APIView):
    @answers("emergency_stop_status", StopFields)
    def get(self, request: Request) -> Response:
        """Whether one's own trading is stopped, by whom and why, and how far its drain has come.
        Switches of wider scopes are not told here.
        """
        return success(_stop(strictest_stop(user_of(request))))

    @answers("emergency_stop", StopFields, sends=EmergencyStop)
    def post(self, request: Request) -> Response:
        """Stop one's own trading at once: nothing new leaves, working entries are cancelled. Exits,
        stops and targets still leave. Asked again, it is the same stop. Only an operator resets it.
        """
        said = asked(EmergencyStop(data=request.data))
        stop = stop_own_trading(
            user_of(request),
            **said,
            source=API,
            now=timezone.now(),
            drain_again=not is_above_rate(request),
        )
        return success(_stop(stop))


class NewSwitch(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)
    scope = serializers.CharField(default="platform", max_length=300, help_text=SPELLINGS)
    state = serializers.ChoiceField(default=TradingState.HALTED.name, choices=TRIPPED)
    close_all_positions = serializers.BooleanField(
        default=False, help_text="The same as the state LIQUIDATING."
    )
    expires_at = serializers.DateTimeField(
        required=False, help_text="It is reset then by itself; else by a person only."
    )


class SwitchFields(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    scope = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    message = serializers.CharField()
    affected_users = serializers.IntegerField(help_text="With a running subscription there.")
    active_positions = serializers.IntegerField()
    timestamp = serializers.DateTimeField(help_text="Of the trip.")
    drain = DrainFields()


class AnySwitch(APIView):
    @answers("kill_switch", SwitchFields, sends=NewSwitch, also=[403])
    def post(self, request: Request) -> Response:
        """Trip a switch; for staff with the right to. It is told to those whom it concerns on their
        pages and streams. Asked again in the same words, it is the same switch. To reset one takes
        another right, in the admin or by the command.
        """
        user = user_of(request)
        if not (user.is_staff and user.has_perm("risk.trip_killswitch")):
            raise PermissionDenied("Only staff with the right to trip switches may do this.")
        said = asked(NewSwitch(data=request.data))
        state = TradingState[said["state"]]
        switch = halting.trip_or_find(
            by=user.email,
            reason=said["reason"],
            now=timezone.now(),
            state=TradingState.LIQUIDATING if said["close_all_positions"] else state,
            source=API,
            expires_at=said.get("expires_at"),
            **target_named(said["scope"]),
        )
        found = drains.progress(switch)
        told = {
            "id": switch.pk,
            "scope": spelling(switch),
            "state": found.state.name,
            "message": in_words(found),
            "affected_users": risk_rows.affected_users(switch),
            "active_positions": found.open_positions,
            "timestamp": switch.tripped_at,
            "drain": found,
        }
        return success(SwitchFields(told).data)


def _stop(switch: KillSwitch | None) -> Any:
    if switch is None:
        told: dict[str, Any] = {
            "status": "active", "state": TradingState.ACTIVE.name, "positions_closed": 0,
            "message": "Your own trading is not stopped.", "reason": "", "tripped_by": "",
            "tripped_at": None, "expires_at": None, "drain": None,
        }  # fmt: skip
        return StopFields(told).data
    found = drains.progress(switch)
    told = {
        "status": "emergency_stopped",
        "state": found.state.name,
        "positions_closed": found.positions - found.not_flat,
        "message": in_words(found),
        "reason": switch.reason,
        "tripped_by": switch.tripped_by,
        "tripped_at": switch.tripped_at,
        "expires_at": switch.expires_at,
        "drain": found,
    }
    return StopFields(told).data
