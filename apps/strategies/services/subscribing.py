"""A user's subscriptions to versions. Ending one keeps its row and its history."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.common.errors import Conflict, Refused
from apps.common.models import Mode
from apps.events import services as events
from apps.market.models import Instrument
from apps.strategies.models import StrategySubscription, StrategyVersion
from apps.strategies.services.going_live import refuse_live
from trading.gates.execution_mode import ExecutionMode


@db.transaction
def subscribe(
    user: User,
    version: StrategyVersion,
    account: BrokerAccount,
    *,
    now: datetime,
    instruments: Iterable[Instrument] | None = None,
    **settings: Any,
) -> StrategySubscription:
    """Subscribe on one of the user's accounts. `instruments` may only narrow the version's.

    `settings` (capital, risk_per_trade, leverage, max_positions, max_daily_loss) override the
    version; `execution` is automatic unless it says otherwise. Raises Refused ACCOUNT_NOT_YOURS,
    ALREADY_SUBSCRIBED, INSTRUMENT_NOT_IN_VERSION; on a live account the code of what is missing.
    """
    if account.user_id != user.pk:
        raise Refused("ACCOUNT_NOT_YOURS", "There is no such account.")
    if account.mode != Mode.PAPER:
        refuse_live(user, version, now)
    running = StrategySubscription.objects.of(user).filter(
        version=version, account=account, ended_at=None
    )
    if running.exists():
        raise Refused("ALREADY_SUBSCRIBED", "This account already follows this version.")
    subscription = StrategySubscription.objects.create(
        user=user,
        version=version,
        account=account,
        mode=account.mode,
        instrument_ids=_narrowed(version, instruments),
        **settings,
    )
    _tell("subscription.started", subscription, now)
    return subscription


@db.transaction
def pause(subscription: StrategySubscription, *, now: datetime, by: int | None = None) -> bool:
    """Nothing is entered from now on, nor what waits to be; open positions keep their stops and
    exits. False = it was not running. `by` is the person of the staff who did it for the owner.
    """
    changed = _swap(subscription, is_paused=False, to=True)
    if changed:
        _tell("subscription.paused", subscription, now, by)
    return changed


@db.transaction
def resume(subscription: StrategySubscription, *, now: datetime, by: int | None = None) -> bool:
    """The opposite of `pause`. False = it was not paused."""
    changed = _swap(subscription, is_paused=True, to=False)
    if changed:
        _tell("subscription.resumed", subscription, now, by)
    return changed


def set_execution(
    subscription: StrategySubscription, mode: ExecutionMode, *, now: datetime, by: int
) -> bool:
    """Who places its entries from the next signal on; what is held leaves by itself in every mode.
    False = it was so already, or is what its account orders by hand. Raises Conflict
    SUBSCRIPTION_ENDED."""
    if subscription.ended_at is not None:
        raise Conflict("SUBSCRIPTION_ENDED", "It has ended: nothing is entered for it any more.")
    return _set_execution(subscription, mode, now, by)


@db.transaction
def _set_execution(
    subscription: StrategySubscription, mode: ExecutionMode, now: datetime, by: int
) -> bool:
    running = StrategySubscription.objects.filter(
        pk=subscription.pk, ended_at=None, is_by_hand=False
    )
    changed = running.exclude(execution=mode).update(execution=mode)
    if changed:
        events.record(
            "subscription.execution_set", user_id=subscription.user_id, happened_at=now,
            subscription=subscription.pk, execution=mode.value, by=by,
        )  # fmt: skip
    return bool(changed)


@db.transaction
def end(subscription: StrategySubscription, *, now: datetime) -> None:
    """End it for good. Open positions keep their stops and targets."""
    running = StrategySubscription.objects.filter(
        pk=subscription.pk, ended_at=None, is_by_hand=False
    )
    changed = running.update(ended_at=now)
    if changed:
        _tell("subscription.ended", subscription, now)


def _narrowed(
    version: StrategyVersion, instruments: Iterable[Instrument] | None
) -> list[int] | None:
    if instruments is None:
        return None
    chosen = sorted(instrument.pk for instrument in instruments)
    offered = set(version.instruments.values_list("pk", flat=True))
    if not set(chosen) <= offered:
        raise Refused(
            "INSTRUMENT_NOT_IN_VERSION", "The strategy does not trade one of these instruments."
        )
    return chosen


def _swap(subscription: StrategySubscription, *, is_paused: bool, to: bool) -> bool:
    changed = StrategySubscription.objects.filter(
        pk=subscription.pk, is_paused=is_paused, ended_at=None, is_by_hand=False
    ).update(is_paused=to)
    return bool(changed)


def _tell(
    kind: str, subscription: StrategySubscription, now: datetime, by: int | None = None
) -> None:
    actor = {} if by is None else {"by": by}
    events.record(
        kind,
        user_id=subscription.user_id,
        happened_at=now,
        subscription=subscription.pk,
        version=subscription.version_id,
        **actor,
    )
