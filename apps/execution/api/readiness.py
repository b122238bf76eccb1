from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api import success
from apps.common.schema import answers
from apps.execution.readiness import live_readiness
from apps.strategies.selectors import subscriptions
from trading.readiness import Check, LiveCode, Section, State, first_unmet

LIVE_CODES = [str(each) for each in LiveCode]


class CheckFields(serializers.Serializer[Any]):
    section = serializers.ChoiceField(choices=[str(each) for each in Section])
    name = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(
        choices=[str(each) for each in State], help_text="What is not known is not met."
    )
    observed = serializers.CharField()
    limit = serializers.CharField(help_text="Empty where it is there or not.")
    code = serializers.SerializerMethodField(help_text="Why not; empty where it is met.")
    message = serializers.CharField(
        source="why", help_text="Why not, in words; where it is not known, that."
    )

    def get_code(self, row: Check) -> str:
        return "" if row.is_met else row.code.value


class ReadinessFields(serializers.Serializer[Any]):
    subscription = serializers.IntegerField()
    is_ready = serializers.BooleanField()
    first_unmet = serializers.ChoiceField(
        choices=LIVE_CODES, allow_null=True, help_text="With which going live is refused."
    )
    checks = CheckFields(many=True)


class Readiness(APIView):
    @answers("readiness", ReadinessFields, also=[404])
    def get(self, request: Request, subscription: int) -> Response:
        """What it takes to go live with this strategy version: consent, plan, account, certificate,
        and how one has traded it on paper.
        """
        found = subscriptions(request.user).select_related("user").filter(pk=subscription).first()
        if found is None:
            raise NotFound("You have no such subscription.")
        checks = live_readiness(found, timezone.now())
        unmet = first_unmet(checks)
        told = {
            "subscription": found.pk,
            "is_ready": unmet is None,
            "first_unmet": None if unmet is None else unmet.code.value,
            "checks": checks,
        }
        return success(ReadinessFields(told).data)
