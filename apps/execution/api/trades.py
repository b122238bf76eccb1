"""Ordering by hand, and asking what would come of it: the answer is the receipt."""

from typing import Any
from uuid import uuid4

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.brokers.models import BrokerAccount
from apps.common.api import asked, failure, success
from apps.common.errors import Refused
from apps.common.paging import HIGHEST
from apps.common.schema import Money, answers
from apps.execution.api.orders import SIDES, OrderFields
from apps.execution.services import by_hand
from apps.execution.services.by_hand import Receipt, Ticket
from apps.market.models import Instrument
from trading.gates import TITLES
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.sentences import sentence
from trading.gates.severities import SEVERITIES, Severity
from trading.gates.values import Outcome, Status, Verdict
from trading.order_kinds import OrderType
from trading.signals import Action, Side

LONGEST_KEY = 64
KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description=f"Of your choice, up to {LONGEST_KEY} characters: asked again with it, you get the "
    "first receipt and nothing is ordered again. The same as `client_id`.",
)  # fmt: skip
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


class LimitInForce(serializers.Serializer[Any]):
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

    @extend_schema_field(LimitInForce(many=True))
    def get_limits(self, receipt: Receipt) -> list[dict[str, str]]:
        limits = receipt.decision.limits
        return [
            {"name": name, "value": value, "set_by": source}
            for name, (value, source) in (limits.limits if limits else {}).items()
        ]


class Trade(APIView):
    @extend_schema(parameters=[KEY])
    @answers("trade", TradeReceipt, sends=TradeFields, also=[404], makes=True)
    def post(self, request: Request) -> Response:
        """Order by hand, through every gate: 201 where it was ordered, 200 for the receipt of the
        same key again and for what was only simulated. What a gate refuses is a 400 with its code,
        and the receipt in `details`: a size above a cap is denied, never cut down. What closes a
        position is asked only whether there is one.
        """
        said = asked(TradeFields(data=request.data))
        ticket = _ticket(request, said)
        if said["simulate"]:
            return success(TradeReceipt(by_hand.what_if(ticket)).data)
        return _answer(by_hand.place(ticket, key=_key(request, said)))


class WhatIf(APIView):
    @answers("what_if", TradeReceipt, sends=TicketFields, also=[404])
    def post(self, request: Request) -> Response:
        """What would be answered to an order, by the same gates on the facts of now. Nothing is
        ordered, written or told; a refusal is an answer like any other.
        """
        said = asked(TicketFields(data=request.data))
        return success(TradeReceipt(by_hand.what_if(_ticket(request, said))).data)


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


def _ticket(request: Request, said: dict[str, Any]) -> Ticket:
    """Raises NotFound: another's account is as absent as one that never was."""
    account = BrokerAccount.objects.of(request.user).filter(pk=said["account"]).first()
    if account is None:
        raise NotFound("You have no such account.", "ACCOUNT_NOT_FOUND")
    instrument = Instrument.objects.filter(
        venue_id=account.venue_id, symbol=said["symbol"].strip().upper()
    ).first()
    if instrument is None:
        raise NotFound(f"There is no {said['symbol']} at this venue.", "UNKNOWN_SYMBOL")
    return Ticket(
        account=account,
        instrument=instrument,
        side=Side(said["side"]),
        quantity=said.get("quantity"),
        notional=said.get("notional", said.get("size")),
        limit_price=said.get("limit_price"),
        stop_price=said.get("stop"),
        target_price=said.get("target"),
        reduces=said["reduce"],
    )


def _key(request: Request, said: dict[str, Any]) -> str:
    """Without one the order is one of its own. Raises Refused KEY_NOT_USABLE."""
    header, body = request.headers.get("Idempotency-Key", ""), said.get("client_id", "")
    if len(header) > LONGEST_KEY:
        raise Refused("KEY_NOT_USABLE", f"A key has at most {LONGEST_KEY} characters.")
    if header and body and header != body:
        raise Refused("KEY_NOT_USABLE", "Idempotency-Key and client_id say different things.")
    return header or body or uuid4().hex


def _answer(receipt: Receipt) -> Response:
    told = TradeReceipt(receipt).data
    if receipt.is_ordered:
        made = status.HTTP_201_CREATED if receipt.is_new else status.HTTP_200_OK
        return success(told, made)
    refusal = failure(receipt.decision.code, message_of(receipt), {"receipt": told})
    return Response(refusal, status=status.HTTP_400_BAD_REQUEST)


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
