from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.common.api import asked, success
from apps.common.models import Mode
from apps.common.paging import HIGHEST, CursorQuestion, after_cursor
from apps.common.schema import answers, lists
from apps.dashboard.api.receipt_fields import CircumstanceFields, DecisionFields, ReceiptFields
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.receipt_lines import receipt_lines
from apps.dashboard.selectors.receipts import receipt
from apps.risk.selectors import decisions
from trading.gates.values import Outcome

MODES = [Mode.PAPER.value, Mode.LIVE.value]


class DecisionsQuestion(CursorQuestion):
    outcome = serializers.ChoiceField(required=False, choices=[str(each) for each in Outcome])
    code = serializers.CharField(required=False, max_length=30)
    symbol = serializers.CharField(required=False, max_length=30)
    subscription = serializers.IntegerField(required=False, min_value=1, max_value=HIGHEST)
    mode = serializers.ChoiceField(required=False, choices=MODES)
    day = serializers.DateField(
        required=False, help_text="On which it was decided; UTC, on the venue's clock."
    )


class Decisions(APIView):
    @lists("decisions", DecisionFields, asks=DecisionsQuestion)
    @one_moment()
    def get(self, request: Request) -> Response:
        """What one's subscriptions answered to signals, with every gate's word; newest first."""
        said: dict[str, Any] = asked(DecisionsQuestion(data=request.query_params))
        per_page, cursor = said.pop("per_page"), said.pop("cursor", None)
        user = user_of(request)
        found, pagination = after_cursor(decisions(user, **said), per_page=per_page, cursor=cursor)
        lines = DecisionFields(receipt_lines(user, found), many=True)
        return success({"decisions": lines.data, "pagination": pagination})


class OneDecision(APIView):
    @answers("decision", ReceiptFields, also=[404])
    @one_moment()
    def get(self, request: Request, decision: int) -> Response:
        """The receipt of one decision: beside what the list says, under which settings and limits
        it was made, and which kill switch bound."""
        found = receipt(user_of(request), decision)
        if found is None:
            raise NotFound("You have no such decision.")
        return success({**DecisionFields(found.line).data, **CircumstanceFields(found).data})
