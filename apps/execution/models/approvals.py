from copy import copy

from django.db import models
from django.db.models import F, Q

from apps.common.fields import LONGEST_NAME, CompactJSONField, choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.risk.models import Decision, LimitSet
from trading.gates.values import Outcome

KEPT = ("outcome", "code", "sized_down_by", "settings", "limits", "verdicts", "quantity")
"""What a decision and an approval call by the same name."""


class Approval(OwnedModel):
    """An entry that waits for its owner's word, or waited: the decision says DEFERRED for good, and
    what followed stands here. All times are on the venue's clock, which for who acts is
    `MarketClock.acting_at`.

    `outcome` and all that is below it are of the second decision, which is made when it is
    approved; empty until then. An order of it is the decision's.
    """

    class Answer(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"  # its strategy said to leave before it was answered

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="approval")
    mode = models.CharField(max_length=8, choices=Mode)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=9, choices=Answer)
    answered_at = models.DateTimeField(null=True)
    by = models.CharField(
        max_length=LONGEST_NAME, blank=True, help_text="Who answered; empty: nobody."
    )
    outcome = models.CharField(max_length=8, choices=choices(Outcome), blank=True)
    code = models.CharField(max_length=30, blank=True)
    sized_down_by = models.CharField(max_length=30, blank=True, db_default="")
    settings = CompactJSONField(null=True)
    limits = models.ForeignKey(
        LimitSet, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    verdicts = CompactJSONField(null=True)
    quantity = MoneyField(null=True)
    price = MoneyField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="waiting", answered_at=None)
                | ~Q(answer="waiting") & Q(answered_at__isnull=False),
                name="approval_is_answered_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(answer="approved") & ~Q(outcome="")
                | ~Q(answer="approved") & Q(outcome=""),
                name="approved_means_decided_again",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="approval_lasts_a_while"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="approval_of_user"),
            models.Index(
                fields=["expires_at"], condition=Q(answer="waiting"), name="approval_waiting"
            ),
        ]

    def again(self) -> Decision | None:
        """The second decision as one, so that it is told like the first; it is never written. What
        was not kept of it is None. Before it is approved there is none."""
        if self.answered_at is None or not self.outcome:
            return None
        made = copy(self.decision)
        made.pk, made.decided_at, made.reference_price = None, self.answered_at, self.price
        for name in KEPT:
            setattr(made, name, getattr(self, name))
        return made

    def __str__(self) -> str:
        return f"approval {self.pk}"
