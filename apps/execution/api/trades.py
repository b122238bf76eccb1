"""Ordering by hand, and asking what would come of it: the answer is the receipt."""

from typing import Any
from uuid import uuid4

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.brokers.models import BrokerAccount
from apps.common.api import asked, failure, success, within_exit_rate, within_rate
from apps.common.errors import Refused
from apps.common.schema import answers
from apps.execution.api.trade_fields import (
    LONGEST_KEY,
    TicketFields,
    TradeFields,
    TradeReceipt,
    message_of,
)
from apps.execution.services import by_hand
from apps.execution.services.by_hand import Receipt
from apps.execution.services.tickets import Ticket
from apps.market.models import Instrument
from trading.signals import Side

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description=f"Of your choice, up to {LONGEST_KEY} characters: asked again with it, you get the "
    "first receipt and nothing is ordered again. The same as `client_id`.",
)  # fmt: skip


class Trade(APIView):
    @extend_schema(parameters=[KEY])
    @answers("trade", TradeReceipt, sends=TradeFields, also=[404], makes=True)
    def post(self, request: Request) -> Response:
        """Order by hand, through every gate: 201 where it was ordered, 200 for the receipt of the
        same key again and for what was only simulated. What a gate refuses is a 400 with its code,
        and the receipt in `details`: a size above a cap is denied, never cut down. What closes a
        position is asked only whether there is one, and is answered above the common rate too.
        """
        said = asked(TradeFields(data=request.data))
        ticket = _ticket(request, said)
        if said["simulate"] or not by_hand.closes(ticket):
            within_rate(request)
        else:
            within_exit_rate(request)
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
    refusal = failure(receipt.decision.code, message_of(receipt.decision), {"receipt": told})
    return Response(refusal, status=status.HTTP_400_BAD_REQUEST)
