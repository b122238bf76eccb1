"""What is typed to order by hand, and how its receipt is told."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.paging import HIGHEST
from apps.common.schema import Money
from apps.execution.api.orders import SIDES, OrderFields
from apps.execution.services.by_hand import Receipt
from trading.gates import TITLES
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.sentences import sentence
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.values import Outcome, Status, Verdict
from trading.order_kinds import OrderType
from trading.signals import Action

LONGEST_KEY = 64
TYPES = [OrderType.MARKET.value, OrderType.LIMIT.value]
STATUSES = [each.name.lower() for each in Status]
SIZES = ("quantity", "notional", "size")


def _amount(text: str) -> serializers.DecimalField:
    return serializers.DecimalField(38, 18, required=False, min_value=0, help_text=text)


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


class TradeVerdict(serializers.Serializer[Any]):
    gate = serializers.IntegerField(help_text="Its number, which never changes its meaning.")
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    code = serializers.CharField(help_text="Why it refused; else empty.")
    observed = serializers.CharField()
    limit = serializers.CharField()
    limit_source = serializers.CharField(
        help_text="Who set the limit, where several could have; of a cap: its name and who set it."
    )
    sentence = serializers.CharField(help_text="Of a refusal, with its numbers; else empty.")


class LimitThatHeld(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField()
    set_by = serializers.CharField()


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
        return message_of(receipt)

    def get_above(self, receipt: Receipt) -> str:
        above = (each for each in verdicts_of(receipt) if each.code == GateCode.SIZE_ABOVE_CAP)
        return next((each.source for each in above), "")

    @extend_schema_field(serializers.ChoiceField(choices=[each.name for each in Severity]))
    def get_risk_level(self, receipt: Receipt) -> str:
        codes = (GateCode(item.code) for item in verdicts_of(receipt) if item.code)
        return max((SEVERITIES[code] for code in codes), default=Severity.SAFE).name

    @extend_schema_field(TradeVerdict(many=True))
    def get_verdicts(self, receipt: Receipt) -> list[dict[str, object]]:
        return [_told(verdict) for verdict in verdicts_of(receipt)]

    @extend_schema_field(LimitThatHeld(many=True))
    def get_limits(self, receipt: Receipt) -> list[dict[str, str]]:
        limits = receipt.decision.limits
        return [
            {"name": name, "value": value, "set_by": source}
            for name, (value, source) in (limits.limits if limits else {}).items()
        ]


def verdicts_of(receipt: Receipt) -> list[Verdict]:
    return [Verdict(*verdict) for verdict in receipt.decision.verdicts]


def message_of(receipt: Receipt) -> str:
    """Why the first gate refused, else nothing."""
    code = receipt.decision.code
    refused = (each for each in verdicts_of(receipt) if each.status == Status.REFUSED)
    verdict = next((each for each in refused if each.code == code), None)
    if verdict is not None:
        return sentence(verdict)
    return MEANINGS[GateCode(code)] if code else ""


def _told(verdict: Verdict) -> dict[str, object]:
    return {
        "gate": verdict.gate,
        "title": TITLES.get(verdict.gate, ""),
        "status": Status(verdict.status).name.lower(),
        "code": verdict.code,
        "observed": verdict.observed,
        "limit": verdict.limit,
        "limit_source": verdict.source,
        "sentence": sentence(verdict) if verdict.code else "",
    }
