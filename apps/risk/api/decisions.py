from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import asked, success
from apps.common.paging import CursorQuestion, after_cursor
from apps.common.schema import Money, lists
from apps.risk.models import Decision
from apps.risk.selectors import decisions
from trading.gates import TITLES
from trading.gates.codes import MEANINGS
from trading.gates.values import Outcome, Status, Verdict

SENTENCES = {code.value: sentence for code, sentence in MEANINGS.items()}


class DecisionsQuestion(CursorQuestion):
    outcome = serializers.ChoiceField(required=False, choices=[str(each) for each in Outcome])
    code = serializers.CharField(required=False, max_length=30)
    symbol = serializers.CharField(required=False, max_length=30)
    subscription = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class VerdictFields(serializers.Serializer[Any]):
    gate = serializers.IntegerField(help_text="Its number, which never changes its meaning.")
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=[each.name.lower() for each in Status])
    code = serializers.CharField(help_text="Why it refused; else empty.")
    observed = serializers.CharField()
    limit = serializers.CharField()


class DecisionFields(serializers.Serializer[Any]):
    """A receipt: why a signal did or did not become an order."""

    id = serializers.IntegerField()
    signal = serializers.IntegerField(source="signal_id")
    run = serializers.IntegerField(source="signal.run_id", allow_null=True)
    subscription = serializers.IntegerField(source="subscription_id")
    strategy = serializers.CharField(source="signal.version.strategy.code")
    version = serializers.CharField(source="signal.version.number")
    venue = serializers.CharField(source="instrument.venue_id")
    symbol = serializers.CharField(source="instrument.symbol")
    mode = serializers.CharField()
    action = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[str(each) for each in Outcome])
    code = serializers.CharField(help_text="Of the first gate that refused; else empty.")
    message = serializers.SerializerMethodField(help_text="The code, in words.")
    sized_down_by = serializers.CharField(help_text="The cap that bound the size; else empty.")
    quantity = Money()
    reference_price = Money()
    verdicts = serializers.SerializerMethodField()
    decided_at = serializers.DateTimeField()

    def get_message(self, row: Decision) -> str:
        return SENTENCES.get(row.code, "")

    @extend_schema_field(VerdictFields(many=True))
    def get_verdicts(self, row: Decision) -> list[dict[str, object]]:
        return [_verdict(Verdict(*verdict)) for verdict in row.verdicts]


class Decisions(APIView):
    @lists("decisions", DecisionFields, asks=DecisionsQuestion)
    def get(self, request: Request) -> Response:
        """What one's subscriptions answered to signals, with every gate's word; newest first."""
        said = asked(DecisionsQuestion(data=request.query_params))
        per_page, cursor = said.pop("per_page"), said.pop("cursor", None)
        rows = decisions(request.user, **said)
        found, pagination = after_cursor(rows, per_page=per_page, cursor=cursor)
        return success(
            {"decisions": DecisionFields(found, many=True).data, "pagination": pagination}
        )


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "gate": verdict.gate,
        "title": TITLES.get(verdict.gate, ""),
        "status": Status(verdict.status).name.lower(),
        "code": verdict.code,
        "observed": verdict.observed,
        "limit": verdict.limit,
    }
