"""What the longs of an instrument pay its shorts, and when."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from apps.common import db
from apps.market.models import FundingRate


@db.transaction
def record_rates(instrument_id: int, rates: Iterable[tuple[datetime, Decimal]]) -> None:
    """Rates by the moment at which they are due. One that is known stays as it is."""
    FundingRate.objects.bulk_create(
        [FundingRate(instrument_id=instrument_id, time=time, rate=rate) for time, rate in rates],
        ignore_conflicts=True,
    )


@db.transaction_required
def due(instrument_ids: Sequence[int], now: datetime) -> list[FundingRate]:
    """The rates that are to be charged by `now` and were not, oldest first, locked."""
    rates = FundingRate.objects.filter(
        instrument_id__in=instrument_ids, time__lte=now, charged_at=None
    )
    ordered = rates.select_related("instrument").order_by("time", "id")
    return list(ordered.select_for_update(of=("self",)))


@db.transaction_required
def mark_charged(rates: Sequence[FundingRate], now: datetime) -> None:
    FundingRate.objects.filter(pk__in=[rate.pk for rate in rates]).update(charged_at=now)
