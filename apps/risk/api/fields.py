"""What the API says of a decision's verdicts and of the limits that held."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.schema import Money
from apps.risk.models import Decision
from apps.risk.refusals import Refusal, refusals, verdicts_of
from trading.gates import TITLES
from trading.gates.authors import cap
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.severities import Severity
from trading.gates.values import Outcome, Status, Verdict

SEVERITY = [each.name for each in Severity]
VERDICT_STATUS = [each.name.lower() for each in Status]
SIZED_DOWN_BY = "The cap that bound the size, and who set it, as in `SHARE:tier`; else empty."
SIZED_DOWN = "What cut the size down, in words; else empty."
AGAIN = "As it was decided when it was approved; null where it was not."
CLEARS = "When it clears, or what clears it; empty where nothing was refused."
CLEARS_AT = "Null where no clock decides; on the venue's clock."


class VerdictFields(serializers.Serializer[Any]):
    gate = serializers.IntegerField(help_text="Its number, which never changes its meaning.")
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=VERDICT_STATUS)
    code = serializers.CharField(help_text="Why it refused; else empty.")
    severity = serializers.ChoiceField(choices=SEVERITY)
    observed = serializers.CharField()
    limit = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="Who set the limit, where several could have: hard, platform, tier, plan, user, "
        "strategy or subscription; of a cap: its name and who set it, as in `SHARE:tier`."
    )
    sentence = serializers.CharField(help_text="Of a refusal, with its numbers; else empty.")
    clears = serializers.CharField(help_text=CLEARS)
    clears_at = serializers.DateTimeField(allow_null=True, help_text=CLEARS_AT)


class LimitInForce(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField(source="stored", help_text="Shares are fractions.")
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="hard, platform, tier, plan, user, strategy or subscription."
    )


class AgainFields(serializers.Serializer[Any]):
    """The decision that is made when an approval comes, with the facts of then."""

    outcome = serializers.ChoiceField(choices=[str(each) for each in Outcome])
    code = serializers.CharField(help_text="Of the first gate that refused; else empty.")
    message = serializers.SerializerMethodField(help_text="The code, in words.")
    sized_down_by = serializers.CharField(help_text=SIZED_DOWN_BY)
    sized_down = serializers.SerializerMethodField(help_text=SIZED_DOWN)
    quantity = Money(help_text="Never more than was approved.")
    price = Money(source="reference_price", allow_null=True, help_text="Null: none was known.")
    limits = serializers.SerializerMethodField()
    verdicts = serializers.SerializerMethodField()
    decided_at = serializers.DateTimeField(help_text="On the venue's clock.")

    def get_message(self, made: Decision) -> str:
        return MEANINGS[GateCode(made.code)] if made.code else ""

    def get_sized_down(self, made: Decision) -> str:
        return cap(made.sized_down_by)

    @extend_schema_field(LimitInForce(many=True))
    def get_limits(self, made: Decision) -> list[dict[str, str]]:
        kept = {} if made.limits is None else made.limits.limits
        return [
            {"name": name, "value": value, "source": source}
            for name, (value, source) in kept.items()
        ]

    @extend_schema_field(VerdictFields(many=True))
    def get_verdicts(self, made: Decision) -> list[dict[str, object]]:
        return told_verdicts(made)


def told_verdicts(decision: Decision) -> list[dict[str, object]]:
    """As VerdictFields."""
    refused = {item.gate: item for item in refusals(decision)}
    return [_verdict(item, refused.get(item.gate)) for item in verdicts_of(decision)]


def _verdict(verdict: Verdict, refusal: Refusal | None) -> dict[str, object]:
    return {
        "gate": verdict.gate,
        "title": TITLES.get(verdict.gate, ""),
        "status": Status(verdict.status).name.lower(),
        "code": verdict.code,
        "severity": (refusal.severity if refusal else Severity.SAFE).name,
        "observed": verdict.observed,
        "limit": verdict.limit,
        "source": verdict.source,
        "sentence": refusal.sentence if refusal else "",
        "clears": refusal.clears if refusal else "",
        "clears_at": refusal.clears_at if refusal else None,
    }
