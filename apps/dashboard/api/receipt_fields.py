"""What the API says of a receipt."""

from datetime import datetime, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.schema import Money
from apps.dashboard.selectors.latency import Latency, Since
from apps.dashboard.selectors.receipt_limits import settings
from apps.dashboard.selectors.receipt_lines import ReceiptLine
from apps.risk.api.fields import (
    AGAIN,
    CLEARS,
    CLEARS_AT,
    SEVERITY,
    SIZED_DOWN,
    SIZED_DOWN_BY,
    AgainFields,
    LimitInForce,
    VerdictFields,
    told_verdicts,
)
from apps.risk.models import Decision
from trading.gates.codes import MEANINGS
from trading.gates.values import Outcome
from trading.orders import Leg, OrderStatus

MESSAGES = {code.value: words for code, words in MEANINGS.items()}
MILLISECOND = timedelta(milliseconds=1)


class OrderOfDecision(serializers.Serializer[Any]):
    order_id = serializers.CharField(source="client_order_id")
    leg = serializers.ChoiceField(choices=[str(each) for each in Leg])
    status = serializers.ChoiceField(choices=[str(each) for each in OrderStatus])
    submitted_at = serializers.DateTimeField(allow_null=True)


class LatencyFields(serializers.Serializer[Any]):
    since = serializers.ChoiceField(
        choices=[each.value for each in Since],
        source="since.value",
        help_text="`signal` on a simulated clock, and for what no candle has caused.",
    )
    decided_ms = serializers.SerializerMethodField(help_text="Until it was decided.")
    submitted_ms = serializers.SerializerMethodField(
        help_text="Until the order left; null while none has, and where none will."
    )

    def get_decided_ms(self, told: Latency) -> int:
        return told.decided // MILLISECOND

    def get_submitted_ms(self, told: Latency) -> int | None:
        return None if told.submitted is None else told.submitted // MILLISECOND


class DecisionFields(serializers.Serializer[Any]):
    """A receipt: why a signal did or did not become an order."""

    id = serializers.IntegerField(source="decision.id")
    signal = serializers.IntegerField(source="decision.signal_id")
    source = serializers.CharField(  # type: ignore[assignment]
        source="decision.signal.source", help_text="Who wanted it: run, webhook, copy or manual."
    )
    run = serializers.IntegerField(source="decision.signal.run_id", allow_null=True)
    subscription = serializers.IntegerField(source="decision.subscription_id")
    strategy = serializers.CharField(source="decision.signal.version.strategy.code")
    version = serializers.CharField(source="decision.signal.version.number")
    venue = serializers.CharField(source="decision.instrument.venue_id")
    symbol = serializers.CharField(source="decision.instrument.symbol")
    mode = serializers.CharField(source="decision.mode")
    action = serializers.CharField(source="decision.action")
    outcome = serializers.ChoiceField(
        source="decision.outcome", choices=[str(each) for each in Outcome]
    )
    code = serializers.CharField(
        source="decision.code", help_text="Of the first gate that refused; else empty."
    )
    severity = serializers.ChoiceField(
        choices=SEVERITY, source="severity.name", help_text="Of its gravest refusal."
    )
    message = serializers.SerializerMethodField(help_text="The code, in words.")
    sentence = serializers.CharField(help_text="What became of it, with its numbers.")
    clears = serializers.SerializerMethodField(help_text=CLEARS)
    clears_at = serializers.SerializerMethodField(help_text=CLEARS_AT)
    sized_down_by = serializers.CharField(
        source="decision.sized_down_by",
        help_text=SIZED_DOWN_BY,
    )
    quantity = Money(source="decision.quantity")
    reference_price = Money(source="decision.reference_price")
    verdicts = serializers.SerializerMethodField()
    again: AgainFields = AgainFields(allow_null=True, help_text=AGAIN)
    orders = OrderOfDecision(many=True)
    latency = LatencyFields()
    candle_close_time = serializers.DateTimeField(source="decision.signal.candle_close_time")
    decided_at = serializers.DateTimeField(
        source="decision.decided_at", help_text="On the venue's clock."
    )
    created_at = serializers.DateTimeField(
        source="decision.created_at", help_text="On the wall clock."
    )

    def get_message(self, line: ReceiptLine) -> str:
        return MESSAGES.get(line.decision.code, "")

    def get_clears(self, line: ReceiptLine) -> str:
        return line.refusal.clears if line.refusal else ""

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_clears_at(self, line: ReceiptLine) -> datetime | None:
        return line.refusal.clears_at if line.refusal else None

    @extend_schema_field(VerdictFields(many=True))
    def get_verdicts(self, line: ReceiptLine) -> list[dict[str, object]]:
        return told_verdicts(line.decision)


class SettingOfDecision(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField(source="stored", allow_null=True)
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="strategy (inherited), subscription or signal; empty where it has changed since."
    )


class AgainOfDecision(AgainFields):
    settings = serializers.SerializerMethodField()

    @extend_schema_field(SettingOfDecision(many=True))
    def get_settings(self, made: Decision) -> Any:
        return SettingOfDecision(settings(made), many=True).data


class BindingSwitch(serializers.Serializer[Any]):
    """A kill switch that bound."""

    id = serializers.IntegerField()
    scope = serializers.CharField()
    name = serializers.CharField(help_text="Of what it stopped; empty of the platform.")
    state = serializers.CharField(source="state.name")
    reason = serializers.CharField()
    tripped_at = serializers.DateTimeField()
    market_time = serializers.DateTimeField(
        allow_null=True,
        help_text="Of the trip, on the venue's clock by which it ends; null: by the wall's.",
    )
    expires_at = serializers.DateTimeField(allow_null=True)
    reset_at = serializers.DateTimeField(allow_null=True)


class CircumstanceFields(serializers.Serializer[Any]):
    """What a list does not say of a decision."""

    sized_down = serializers.CharField(source="sized_down_by", help_text=SIZED_DOWN)
    settings = SettingOfDecision(many=True, help_text="Of the subscription, as they were resolved.")
    limits = LimitInForce(many=True, help_text="In force beside these: of each the strictest.")
    switches = BindingSwitch(many=True, help_text="Of a refusal of the trading state.")
    again: AgainFields = AgainOfDecision(source="line.again", allow_null=True, help_text=AGAIN)


class ReceiptFields(CircumstanceFields, DecisionFields):
    """All that is known of one decision."""
