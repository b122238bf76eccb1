from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.accounts.models import User
from apps.common.api import asked, success
from apps.common.paging import CursorQuestion, after_cursor
from apps.common.schema import Money, answers, lists
from apps.execution.approvals import Asked, approvals
from apps.execution.approvals import asked as as_asked
from apps.execution.models import Approval
from apps.execution.services import approving
from apps.risk.api.fields import AGAIN, AgainFields
from trading.gates.codes import MEANINGS
from trading.gates.values import Outcome
from trading.signals import Action

SENTENCES = {code.value: sentence for code, sentence in MEANINGS.items()}
ANSWERS = [str(each) for each in Approval.Answer]
EVERY = "every"


class ApprovalsQuestion(CursorQuestion):
    answer = serializers.ChoiceField(
        choices=[*ANSWERS, EVERY], default=str(Approval.Answer.WAITING)
    )


class ApprovalFields(serializers.Serializer[Any]):
    """An entry that waits for its owner's word, or waited. Times are on the venue's clock."""

    id = serializers.IntegerField(source="approval.pk")
    decision = serializers.IntegerField(source="decision.pk", help_text="Its receipt.")
    subscription = serializers.IntegerField(source="decision.subscription_id")
    strategy = serializers.CharField(source="decision.signal.version.strategy.code")
    venue = serializers.CharField(source="decision.instrument.venue_id")
    symbol = serializers.CharField(source="decision.instrument.symbol")
    mode = serializers.CharField(source="approval.mode")
    action = serializers.ChoiceField(
        choices=[str(each) for each in Action], source="decision.action"
    )
    quantity = Money(source="decision.quantity", help_text="No more than this is ordered.")
    price = Money(source="decision.reference_price", help_text="Of the signal.")
    price_now = Money(allow_null=True)
    drift = Money(allow_null=True, help_text="Of the price since the signal: 0.01 is 1 % higher.")
    asked_at = serializers.DateTimeField(source="approval.asked_at")
    expires_at = serializers.DateTimeField(source="approval.expires_at")
    seconds_left = serializers.IntegerField(help_text="0 where it does not wait any more.")
    answer = serializers.ChoiceField(choices=ANSWERS)
    answered_at = serializers.DateTimeField(source="approval.answered_at", allow_null=True)
    answered_by = serializers.CharField(source="approval.by")
    outcome = serializers.SerializerMethodField(
        help_text="Of the decision that was made again when it was approved; else null."
    )
    code = serializers.CharField(source="approval.code", help_text="Why it was not ordered then.")
    message = serializers.SerializerMethodField(help_text="The code, in words.")
    again = AgainFields(allow_null=True, help_text=AGAIN)

    def get_outcome(self, row: Asked) -> str | None:
        return Outcome(row.approval.outcome).value if row.approval.outcome else None

    def get_message(self, row: Asked) -> str:
        return SENTENCES.get(row.approval.code, "")


class Approvals(APIView):
    @lists("approvals", ApprovalFields, asks=ApprovalsQuestion)
    def get(self, request: Request) -> Response:
        """Entries that wait for one's word, newest first; or those with another `answer`."""
        said = asked(ApprovalsQuestion(data=request.query_params))
        rows = approvals(request.user, "" if said["answer"] == EVERY else said["answer"])
        found, pagination = after_cursor(rows, per_page=said["per_page"], cursor=said.get("cursor"))
        shown = ApprovalFields(as_asked(found), many=True).data
        return success({"approvals": shown, "pagination": pagination})


class Approve(APIView):
    @answers("approve", ApprovalFields, also=[404, 409])
    def post(self, request: Request, approval: int) -> Response:
        """Order it. Every gate is asked again, with the facts of now: `outcome` and `code` say what
        came of it. 409 where it has expired, was withdrawn, or was answered before.
        """
        user = user_of(request)
        return _told(approving.approve(_own(user, approval), by=user), user)


class Decline(APIView):
    @answers("decline", ApprovalFields, also=[404, 409])
    def post(self, request: Request, approval: int) -> Response:
        """Do not order it. 409 as for `approve`."""
        user = user_of(request)
        return _told(approving.decline(_own(user, approval), by=user), user)


def _told(answered: Approval, user: User) -> Response:
    (row,) = as_asked([_own(user, answered.pk)])
    return success(ApprovalFields(row).data)


def _own(user: User, pk: int) -> Approval:
    """Raises NotFound."""
    found = approvals(user).filter(pk=pk).first()
    if found is None:
        raise NotFound("You were not asked for this.")
    return found
