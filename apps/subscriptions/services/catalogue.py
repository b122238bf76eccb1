"""The rows of the catalogue. What was once sold is never changed: somebody may have it."""

from django.db.models import Max

from apps.common import db
from apps.common.errors import Refused
from apps.subscriptions.catalogue import CATALOGUE
from apps.subscriptions.models import Plan


@db.transaction
def publish() -> None:
    """Add the plans that have no row yet. Twice is harmless."""
    known = set(Plan.objects.values_list("code", flat=True))
    missing = [Plan(**listing.columns) for listing in CATALOGUE if listing.code not in known]
    Plan.objects.bulk_create(missing, ignore_conflicts=True)


@db.transaction
def add_version(plan: Plan) -> None:
    """Keep a row that was never kept, as the next version of its code; it is not sold yet."""
    newest = Plan.objects.filter(code=plan.code).aggregate(newest=Max("version"))["newest"]
    plan.version, plan.is_sold = (newest or 0) + 1, False
    plan.save(force_insert=True)


@db.transaction
def sell(plan: Plan) -> None:
    """Sell this version in place of the one that was. Raises Refused PLAN_ARCHIVED."""
    if plan.family == Plan.Family.ARCHIVED:
        raise Refused("PLAN_ARCHIVED", "A plan of the older list is not sold again.")
    rows = Plan.objects.filter(code=plan.code).order_by("id")
    list(rows.select_for_update())  # the versions of one code change hands one at a time
    rows.filter(is_sold=True).exclude(pk=plan.pk).update(is_sold=False)
    rows.filter(pk=plan.pk).update(is_sold=True)


@db.transaction
def withdraw(plan: Plan) -> None:
    """Sell it no more; whoever has it keeps it. Raises Refused PLAN_NOT_SOLD."""
    if not Plan.objects.filter(pk=plan.pk, is_sold=True).update(is_sold=False):
        raise Refused("PLAN_NOT_SOLD", f"{plan} is not sold.")
