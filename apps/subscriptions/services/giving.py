"""Who has which plan. Payments come to call these; until then the staff does."""

from datetime import datetime

from apps.accounts.models import User
from apps.common import db
from apps.common.errors import Refused
from apps.subscriptions.models import Plan, Subscription

Status = Subscription.Status


@db.transaction
def give(user: User, plan: Plan, *, now: datetime, by: str, reason: str) -> Subscription:
    """Let the user have this plan from now on, in place of any other. A plan that is no longer
    sold may be given too: so is an older list imported. Raises Refused PLAN_ALREADY_HELD."""
    # Two at once, of somebody who has none yet: without a row of theirs, the person is the lock.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    current = Subscription.objects.of(user).filter(ended_at=None)
    if current.filter(plan=plan).exists():
        raise Refused("PLAN_ALREADY_HELD", f"{user} has this plan already.")
    current.update(status=Status.CANCELED, ended_at=now)
    return Subscription.objects.create(
        user=user, plan=plan, started_at=now, given_by=by, reason=reason
    )


@db.transaction
def mark_past_due(subscription: Subscription, *, now: datetime) -> None:
    """A payment failed; the days of grace begin. Raises Refused PLAN_NOT_ACTIVE."""
    _swap(
        subscription, Status.ACTIVE, "PLAN_NOT_ACTIVE", status=Status.PAST_DUE, past_due_since=now
    )


@db.transaction
def mark_paid(subscription: Subscription) -> None:
    """Raises Refused PLAN_NOT_PAST_DUE."""
    _swap(
        subscription, Status.PAST_DUE, "PLAN_NOT_PAST_DUE", status=Status.ACTIVE,
        past_due_since=None,
    )  # fmt: skip


@db.transaction
def cancel(subscription: Subscription, *, now: datetime) -> None:
    """From now on the person is on Free. Raises Refused PLAN_ENDED."""
    rows = Subscription.objects.filter(pk=subscription.pk, ended_at=None)
    if not rows.update(status=Status.CANCELED, ended_at=now):
        raise Refused("PLAN_ENDED", f"{subscription} has ended already.")


def _swap(subscription: Subscription, expected: Status, code: str, **changes: object) -> None:
    rows = Subscription.objects.filter(pk=subscription.pk, status=expected)
    if not rows.update(**changes):
        raise Refused(code, f"{subscription} is not {expected.label.lower()}.")
