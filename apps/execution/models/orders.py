"""What was asked of a venue, and what it did: orders, their steps, their fills."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount
from apps.common.fields import choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.execution.models.positions import Exit
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies.models import StrategySubscription
from trading.orders import OPEN, Leg, OrderStatus, OrderType, TimeInForce
from trading.signals import OffsetType, Side

TRAILING = OrderType.TRAILING_STOP_MARKET.value


class Order(OwnedModel):
    """What we asked, or will ask, a venue to do. Its status follows trading/orders.py, by
    compare-and-swap only (services/orders.py).
    """

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decision = models.ForeignKey(
        Decision, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    exit = models.ForeignKey(
        Exit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    leg = models.CharField(max_length=12, choices=choices(Leg))
    mode = models.CharField(max_length=8, choices=Mode)
    client_order_id = models.CharField(max_length=32, unique=True)
    venue_order_id = models.CharField(max_length=64, blank=True)
    side = models.CharField(max_length=4, choices=choices(Side))
    order_type = models.CharField(max_length=20, choices=choices(OrderType))
    time_in_force = models.CharField(
        max_length=3, choices=choices(TimeInForce), default=TimeInForce.GTC.value,
        db_default=TimeInForce.GTC.value,
    )  # fmt: skip
    expire_time = models.DateTimeField(
        null=True, help_text="On the venue's clock: the end of a DAY order's session."
    )
    post_only = models.BooleanField(default=False, db_default=False)
    quantity = MoneyField()
    limit_price = MoneyField(null=True)
    trigger_price = MoneyField(null=True)
    trailing_offset = MoneyField(null=True, help_text="How far behind the best price it follows.")
    trailing_offset_type = models.CharField(
        max_length=12, blank=True, choices=choices(OffsetType), db_default=""
    )
    stop_price = MoneyField(null=True, help_text="Of an entry: where its stop will stand.")
    stop_limit_price = MoneyField(null=True, help_text="Of an entry: the limit of its stop.")
    stop_trailing_offset = MoneyField(
        null=True, help_text="Of an entry: how far behind the best price its stop will follow."
    )
    stop_trailing_offset_type = models.CharField(
        max_length=12, blank=True, choices=choices(OffsetType), db_default=""
    )
    target_price = MoneyField(null=True, help_text="Of an entry: where its target will stand.")
    ladder = models.JSONField(
        null=True, blank=True, help_text="Of an entry: how its position is taken down step by step."
    )
    reduce_only = models.BooleanField()
    held_by_us = models.BooleanField(
        default=False, db_default=False,
        help_text="A stop that is never sent: we watch its price, and leave at market.",
    )  # fmt: skip
    oco_group = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=16, choices=choices(OrderStatus))
    reason = models.CharField(
        max_length=40, blank=True, help_text="Code of a rejection or cancellation."
    )
    is_outcome_unknown = models.BooleanField(default=False, db_default=False)
    filled_quantity = MoneyField()
    active_from = models.DateTimeField(
        help_text="On the venue's clock: candles that open at or after this may fill it."
    )
    created_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "leg"], name="order_once_per_decision_leg"),
            models.UniqueConstraint(
                fields=["exit", "leg"],
                condition=Q(exit__isnull=False),
                name="order_once_per_exit_leg",
            ),
            models.CheckConstraint(
                condition=Q(decision=None, exit__isnull=False)
                | Q(decision__isnull=False, exit=None),
                name="order_has_one_origin",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, filled_quantity__gte=0)
                & Q(filled_quantity__lte=models.F("quantity")),
                name="order_quantities_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(time_in_force=TimeInForce.DAY.value, expire_time__isnull=False)
                | (~Q(time_in_force=TimeInForce.DAY.value) & Q(expire_time=None)),
                name="day_order_names_its_end",
            ),
            models.CheckConstraint(
                condition=Q(order_type=TRAILING, trailing_offset__gt=0)
                & ~Q(trailing_offset_type="")
                | (~Q(order_type=TRAILING) & Q(trailing_offset=None, trailing_offset_type="")),
                name="trailing_stop_names_its_offset",
            ),
            models.CheckConstraint(
                # It is never sent, so nothing of it can fill.
                condition=Q(held_by_us=False)
                | Q(leg=Leg.STOP.value, status__in=["pending", "canceled"], filled_quantity=0),
                name="only_stops_are_held_by_us",
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument", "account"],
                condition=Q(status__in=sorted(status.value for status in OPEN)),
                name="order_open",
            ),
            models.Index(
                fields=["id"],
                condition=Q(status="pending", held_by_us=False),
                name="order_to_be_sent",
            ),
            models.Index(
                fields=["user", "submitted_at"],
                condition=Q(mode="live"),
                name="order_sent_live",
            ),
            models.Index(
                fields=["instrument"],
                condition=Q(status="pending", held_by_us=True),
                name="order_held_by_us",
            ),
            models.Index(
                fields=["subscription", "instrument", "-id"],
                condition=Q(ladder__isnull=False),
                name="order_with_ladder",
            ),
            models.Index(
                fields=["subscription", "instrument", "-id"],
                condition=Q(leg=Leg.ENTRY.value),
                name="order_entry",
            ),
            models.Index(
                fields=["expire_time"],
                condition=Q(
                    expire_time__isnull=False,
                    status__in=sorted(status.value for status in OPEN),
                ),
                name="order_expiring",
            ),
            models.Index(fields=["user", "-id"], name="order_of_user"),
        ]

    def __str__(self) -> str:
        return f"order {self.client_order_id[:8]}"


class OrderEvent(models.Model):
    """One step in the life of an order, or an amendment of it, which leaves its status. Written
    with the step, never changed."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    old_status = models.CharField(max_length=16)
    new_status = models.CharField(max_length=16)
    reason = models.CharField(max_length=40, blank=True)
    happened_at = models.DateTimeField(help_text="On the venue's clock.")
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.old_status} → {self.new_status}"


class Fill(OwnedModel):
    """One execution at the venue: told twice, it counts once."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField(max_length=8, choices=Mode)
    venue_trade_id = models.CharField(max_length=64)
    side = models.CharField(max_length=4, choices=choices(Side))
    quantity = MoneyField()
    price = MoneyField()
    commission = MoneyField(help_text="In quote currency.")
    is_maker = models.BooleanField()
    filled_at = models.DateTimeField(help_text="On the venue's clock.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "venue_trade_id"], name="fill_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gt=0), name="fill_is_positive"
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="fill_of_user")]

    def __str__(self) -> str:
        return f"fill {self.pk}"
