"""What is typed to order by hand, and how its receipt is told."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.paging import HIGHEST
from apps.common.schema import Money
from apps.execution.api.orders import SIDES, OrderFields
from apps.execution.services.by_hand import Receipt
from apps.execution.services.tickets import LARGEST
from apps.risk.api.fields import SEVERITY, LimitInForce, VerdictFields, told_verdicts
from apps.risk.models import Decision
from apps.risk.refusals import refusal_of, severity, verdicts_of
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.values import Outcome
from trading.order_kinds import OrderType
from trading.signals import Action

LONGEST_KEY = 64
TYPES = [OrderType.MARKET.value, OrderType.LIMIT.value]

SIZES = ("quantity", "notional", "size")


def _amount(text: str) -> serializers.DecimalField:
    return serializers.DecimalField(
        38, 18, required=False, min_value=0, max_value=LARGEST, help_text=text
    )


class TicketFields(serializers.Serializer[Any]):
    """One of `quantity`, `notional` and `size` is given. What closes a position leaves at market:
    it takes no limit, stop or target."""

    account = serializers.IntegerField(min_value=1, max_value=HIGHEST)
    symbol = serializers.CharField(max_length=30, help_text="At the venue of the account.")
    side = serializers.ChoiceField(
        choices=SIDES,
        help_text="A sale closes what was bought by hand, else it opens a short; and the other "
        "way round.",
    )
    quantity = _amount("Units.")
    notional = _amount("What it is to be worth, in the instrument's currency; rounded down.")
    size = _amount("The same as `notional`.")
    order_type = serializers.ChoiceField(choices=TYPES, default=OrderType.MARKET.value)
    limit_price = _amount("With `order_type` limit only.")
    stop = _amount("Where the stop of the position will stand.")
    target = _amount("Where its target will stand.")
    reduce = serializers.BooleanField(default=False, help_text="It closes, and never opens.")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if sum(name in said for name in SIZES) != 1:
            raise serializers.ValidationError({"quantity": [f"Say one of {', '.join(SIZES)}."]})
        is_limit = said["order_type"] == OrderType.LIMIT
        if is_limit is not ("limit_price" in said):
            needs = "needs" if is_limit else "has no"
            told = f"An order of type {said['order_type']} {needs} limit price."
            raise serializers.ValidationError({"limit_price": [told]})
        return said


class TradeFields(TicketFields):
    client_id = serializers.CharField(
        required=False, max_length=LONGEST_KEY, help_text="As `Idempotency-Key`."
    )
    simulate = serializers.BooleanField(
        default=False, help_text="Say what would come of it; nothing is ordered or written."
    )


class TradeReceipt(serializers.Serializer[Any]):
    """What was answered, or would be, with every gate's word and the limits that held."""

    simulated = serializers.SerializerMethodField(help_text="Nothing was ordered or written.")
    decision = serializers.IntegerField(
        source="decision.pk", allow_null=True, help_text="The receipt; null where simulated."
    )
    account = serializers.IntegerField(source="decision.account_id")
    subscription = serializers.SerializerMethodField(
        help_text="The account's own for what is ordered by hand; null where simulated."
    )
    venue = serializers.CharField(source="decision.instrument.venue_id")
    symbol = serializers.CharField(source="decision.instrument.symbol")
    mode = serializers.CharField(source="decision.mode")
    action = serializers.ChoiceField(
        choices=[str(each) for each in Action], source="decision.action"
    )
    outcome = serializers.ChoiceField(
        choices=[str(each) for each in Outcome], source="decision.outcome"
    )
    code = serializers.CharField(
        source="decision.code", help_text="Of the first gate that refused; else empty."
    )
    message = serializers.SerializerMethodField(help_text="The first refusal, with its numbers.")
    risk_level = serializers.SerializerMethodField(help_text="Of the gravest refusal.")
    quantity = Money(source="decision.quantity")
    reference_price = Money(source="decision.reference_price")
    above = serializers.SerializerMethodField(
        help_text="The tightest cap that the size is above, and who set it, as in `SHARE:tier`; "
        "else empty."
    )
    verdicts = serializers.SerializerMethodField()
    limits = serializers.SerializerMethodField(help_text="In force for this decision.")
    orders = OrderFields(many=True)
    decided_at = serializers.DateTimeField(
        source="decision.decided_at", help_text="On the venue's clock."
    )

    def get_simulated(self, receipt: Receipt) -> bool:
        return receipt.decision.pk is None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_subscription(self, receipt: Receipt) -> int | None:
        return None if receipt.decision.pk is None else receipt.decision.subscription_id

    def get_message(self, receipt: Receipt) -> str:
        return message_of(receipt.decision)

    def get_above(self, receipt: Receipt) -> str:
        above = (
            each for each in verdicts_of(receipt.decision) if each.code == GateCode.SIZE_ABOVE_CAP
        )
        return next((each.source for each in above), "")

    @extend_schema_field(serializers.ChoiceField(choices=SEVERITY))
    def get_risk_level(self, receipt: Receipt) -> str:
        return severity(receipt.decision).name

    @extend_schema_field(VerdictFields(many=True))
    def get_verdicts(self, receipt: Receipt) -> list[dict[str, object]]:
        return told_verdicts(receipt.decision)

    @extend_schema_field(LimitInForce(many=True))
    def get_limits(self, receipt: Receipt) -> list[dict[str, str]]:
        limits = receipt.decision.limits
        return [
            {"name": name, "value": value, "source": source}
            for name, (value, source) in (limits.limits if limits else {}).items()
        ]


def message_of(decision: Decision) -> str:
    """Why the first gate refused, else nothing."""
    refusal = refusal_of(decision)
    if refusal is not None:
        return refusal.sentence
    return MEANINGS[GateCode(decision.code)] if decision.code else ""
