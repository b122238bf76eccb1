from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from apps.market.models import Instrument
from apps.strategies.models import (
    IntegrityCertificate,
    Run,
    Signal,
    StrategySubscription,
    StrategyVersion,
)
from trading.candles import Timeframe


def active_versions(venue: str) -> list[StrategyVersion]:
    """The versions that run at the venue's closes, in the order in which they are asked."""
    versions = StrategyVersion.objects.filter(is_active=True, instruments__venue_id=venue)
    return list(versions.select_related("strategy").distinct().order_by("id"))


def timeframes_in_use(venue: str) -> set[Timeframe]:
    versions = StrategyVersion.objects.filter(is_active=True, instruments__venue_id=venue)
    return {Timeframe(value) for value in versions.values_list("timeframe", flat=True).distinct()}


def warmups_in_use(venue: str) -> dict[Timeframe, int]:
    """The most candles that an active version at the venue needs, by timeframe."""
    versions = StrategyVersion.objects.filter(is_active=True, instruments__venue_id=venue)
    longest = versions.values_list("timeframe").annotate(Max("warmup_candles"))
    return {Timeframe(value): candles for value, candles in longest}


def versions_due(
    venue: str, timeframe: Timeframe, close_time: datetime, instrument_ids: Sequence[int]
) -> list[tuple[StrategyVersion, Instrument]]:
    """Version and instrument pairs that have no Run for this close, by version, then symbol."""
    versions = {
        version.pk: version
        for version in active_versions(venue)
        if version.timeframe == timeframe.value
    }
    through = StrategyVersion.instruments.through
    links = through.objects.filter(
        strategyversion_id__in=versions, instrument_id__in=instrument_ids
    )
    instruments = Instrument.objects.in_bulk(instrument_ids)
    done = set(
        Run.objects.filter(
            version_id__in=versions, timeframe=timeframe, candle_close_time=close_time
        ).values_list("version_id", "instrument_id")
    )
    pairs = [
        (versions[version_id], instruments[instrument_id])
        for version_id, instrument_id in links.values_list("strategyversion_id", "instrument_id")
        if (version_id, instrument_id) not in done
    ]
    return sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].symbol))


def undecided_groups() -> list[tuple[int, datetime]]:
    """(version, close) of which a run still lacks decisions, oldest first."""
    runs = Run.objects.filter(Q(expected__gt=0), decided_at=None)
    groups = runs.values_list("version_id", "candle_close_time").distinct()
    return list(groups.order_by("candle_close_time", "version_id"))


def versions_undecided(venue: str, close_time: datetime) -> list[int]:
    """Versions with a run at this close that still lacks decisions, in the order they are
    decided."""
    runs = Run.objects.filter(
        instrument__venue_id=venue, candle_close_time=close_time, expected__gt=0, decided_at=None
    )
    return list(runs.order_by("version_id").values_list("version_id", flat=True).distinct())


def runs_to_decide(version_id: int, close_time: datetime) -> list[Run]:
    """The version's runs at this close that have signals and whose decisions are not all made."""
    runs = Run.objects.filter(
        version_id=version_id, candle_close_time=close_time, expected__gt=0, decided_at=None
    )
    return list(runs.order_by("id"))


def signals_of(runs: Sequence[Run]) -> list[Signal]:
    """Ordered by symbol, then as the strategy gave them: the order in which they are decided."""
    signals = Signal.objects.filter(run__in=runs).select_related("instrument", "run", "version")
    return list(signals.order_by("instrument__symbol", F("run_id"), "id"))


def instruments_of(versions: Sequence[StrategyVersion]) -> dict[int, set[int]]:
    """The instrument ids of each version, by version id."""
    offered: dict[int, set[int]] = {version.pk: set() for version in versions}
    through = StrategyVersion.instruments.through
    links = through.objects.filter(strategyversion_id__in=offered)
    for version_id, instrument_id in links.values_list("strategyversion_id", "instrument_id"):
        offered[version_id].add(instrument_id)
    return offered


def runs_followed(
    user: Any, *, status: str = "", symbol: str = "", strategy: str = ""
) -> QuerySet[Run]:
    """Runs of the versions that the user follows, or followed then."""
    followed = StrategySubscription.objects.of(user).filter(version=OuterRef("version"))
    ended = Q(ended_at=None) | Q(ended_at__gte=OuterRef("candle_close_time"))
    rows = Run.objects.filter(Exists(followed.filter(ended)))
    if status:
        rows = rows.filter(status=status)
    if symbol:
        rows = rows.filter(instrument__symbol=symbol)
    if strategy:
        rows = rows.filter(version__strategy__code=strategy)
    return rows.select_related("version__strategy", "instrument")


def subscriptions(user: Any) -> QuerySet[StrategySubscription]:
    """Those that the user follows, with what their cards name: not what they order by hand."""
    own: QuerySet[StrategySubscription] = StrategySubscription.objects.of(user).filter(
        is_by_hand=False
    )
    return own.select_related("version__strategy", "account__venue")


def valid_certificate(version: StrategyVersion, now: datetime) -> IntegrityCertificate | None:
    """The one that is valid longest, of the version's code and parameters as they are."""
    rows = IntegrityCertificate.objects.filter(
        version=version, content_hash=version.content_hash, revoked_at=None, valid_from__lte=now,
        valid_until__gt=now,
    )  # fmt: skip
    return rows.order_by("-valid_until").first()
