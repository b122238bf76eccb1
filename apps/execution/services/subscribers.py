"""The subscriptions of one chunk, with what they and their people have settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Self

from django.db.models.functions import Coalesce

from apps.market.models import Instrument
from apps.risk.limits import OwnLimits
from apps.strategies.models import StrategySubscription
from trading.gates.bounds import Bounds
from trading.gates.execution_mode import ExecutionMode
from trading.gates.risk_facts import NOT_PROVIDED, Told
from trading.gates.values import Limits
from trading.sizing import SizingPolicy
from trading.standing import Standing

NOT_KNOWN = Decimal("NaN")


class SubscriptionRow(NamedTuple):
    """A subscription with its settings resolved: its own, or else its version's."""

    id: int
    user_id: int
    account_id: int
    mode: str
    currency: str
    is_paused: bool
    ended_at: datetime | None
    instrument_ids: list[int] | None
    capital: Decimal
    risk_per_trade: Decimal
    leverage: Decimal
    max_positions: int
    max_daily_loss: Decimal
    sizing: str
    execution: str
    is_by_hand: bool

    def limits(self, warmup_candles: int, bounds: Bounds, equity: Told[Decimal]) -> Limits:
        """By hand all of the account's equity is there to be used; where that is not known, no
        number is."""
        capital = self.capital
        if self.is_by_hand:
            capital = NOT_KNOWN if equity is None or equity is NOT_PROVIDED else equity
        return Limits(
            capital, self.risk_per_trade, self.leverage, self.max_positions,
            self.max_daily_loss, warmup_candles, SizingPolicy(self.sizing), bounds,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscription; how it stands changes as it is decided about."""

    id: int
    user_id: int
    account_id: int
    mode: str
    instrument_ids: set[int] | None
    own: OwnLimits
    standing: Standing
    execution: ExecutionMode = ExecutionMode.AUTOMATIC

    @classmethod
    def of(cls, row: SubscriptionRow, own: OwnLimits, standing: Standing) -> Self:
        """What is ordered by hand waits for nobody: its owner has just asked for it."""
        by_itself = ExecutionMode.AUTOMATIC
        return cls(
            id=row.id,
            user_id=row.user_id,
            account_id=row.account_id,
            mode=row.mode,
            instrument_ids=None if row.instrument_ids is None else {*row.instrument_ids},
            own=own,
            standing=standing,
            execution=by_itself if row.is_by_hand else ExecutionMode(row.execution),
        )

    def trades(self, instrument: Instrument) -> bool:
        """Whether the subscription and the person's own limits let it."""
        is_chosen = self.instrument_ids is None or instrument.pk in self.instrument_ids
        return is_chosen and self.own.allows(instrument.symbol)


def read_subscriptions(ids: Sequence[int]) -> list[SubscriptionRow]:
    """In the order of their users and ids."""
    settings = ("capital", "risk_per_trade", "leverage", "max_positions", "max_daily_loss")
    resolved = {f"its_{name}": Coalesce(name, f"version__{name}") for name in settings}
    rows = StrategySubscription.objects.filter(pk__any_of=ids).annotate(**resolved)
    return [
        SubscriptionRow(*row)
        for row in rows.order_by("user_id", "id").values_list(
            "id", "user_id", "account_id", "mode", "account__currency", "is_paused", "ended_at",
            "instrument_ids", *resolved, "version__sizing", "execution", "is_by_hand",
        )
    ]  # fmt: skip
