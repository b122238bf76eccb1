from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.brokers.models import BrokerAccount
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.market.models import FundingRate, Instrument
from apps.risk.models import Decision
from apps.strategies.models import StrategySubscription
from trading.exits import ExitReason
from trading.ledger import Account
from trading.money import ZERO
from trading.orders import OPEN, Leg, OrderStatus, OrderType, TimeInForce
from trading.signals import Direction, OffsetType, Side

TRAILING = OrderType.TRAILING_STOP_MARKET.value


def _choices(*members: str) -> list[tuple[str, str]]:
    return [(str(member), str(member)) for member in members]


class Position(OwnedModel):
    """What one subscription holds of one instrument: a ledger of its own within the account.

    The row stays when the position is closed; each round trip becomes a Trade. `trade_sequence`
    counts the round trips begun; the entry and exit sums belong to the one that is open.
    """

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    quantity = MoneyField(help_text="Signed: a short is negative.")
    cost = MoneyField(help_text="Of what is held, without fees; signed.")
    entry_quantity = MoneyField()
    entry_value = MoneyField()
    exit_quantity = MoneyField()
    exit_value = MoneyField()
    fees = MoneyField(help_text="Of the round trip that is open.")
    funding = MoneyField(
        default=ZERO, db_default=ZERO,
        help_text="Got (negative: paid) in the round trip that is open.",
    )  # fmt: skip
    realised_pnl = MoneyField(help_text="Of all round trips, before fees, funding included.")
    trade_sequence = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "instrument"], name="position_once_per_subscription"
            ),
        ]
        indexes = [
            models.Index(fields=["user"], name="position_of_user"),
            models.Index(fields=["instrument"], condition=~Q(quantity=0), name="position_open"),
        ]

    def __str__(self) -> str:
        return f"position {self.pk}"


class Exit(OwnedModel):
    """Why we close a position of our own accord, where a Decision stands for an order from a
    signal."""

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=12, choices=_choices(*ExitReason))
    level = models.PositiveSmallIntegerField(default=0, help_text="The rung of a ladder.")
    sequence = models.PositiveIntegerField(help_text="The round trip of the position.")
    attempt = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Exits before this one that ended without a fill."
    )
    decided_at = models.DateTimeField(help_text="On the venue's clock.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position", "sequence", "cause", "level", "attempt"], name="exit_once"
            ),
        ]

    def __str__(self) -> str:
        return f"exit {self.pk} ({self.cause})"


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
    leg = models.CharField(max_length=12, choices=_choices(*Leg))
    mode = models.CharField(max_length=8, choices=Mode)
    client_order_id = models.CharField(max_length=32, unique=True)
    venue_order_id = models.CharField(max_length=64, blank=True)
    side = models.CharField(max_length=4, choices=_choices(*Side))
    order_type = models.CharField(max_length=20, choices=_choices(*OrderType))
    time_in_force = models.CharField(
        max_length=3, choices=_choices(*TimeInForce), default=TimeInForce.GTC.value,
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
        max_length=12, blank=True, choices=_choices(*OffsetType), db_default=""
    )
    stop_price = MoneyField(null=True, help_text="Of an entry: where its stop will stand.")
    stop_limit_price = MoneyField(null=True, help_text="Of an entry: the limit of its stop.")
    stop_trailing_offset = MoneyField(
        null=True, help_text="Of an entry: how far behind the best price its stop will follow."
    )
    stop_trailing_offset_type = models.CharField(
        max_length=12, blank=True, choices=_choices(*OffsetType), db_default=""
    )
    target_price = MoneyField(null=True, help_text="Of an entry: where its target will stand.")
    ladder = models.JSONField(
        null=True, blank=True, help_text="Of an entry: how its position is taken down step by step."
    )
    reduce_only = models.BooleanField()
    oco_group = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=16, choices=_choices(*OrderStatus))
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
        ]
        indexes = [
            models.Index(
                fields=["instrument", "account"],
                condition=Q(status__in=sorted(status.value for status in OPEN)),
                name="order_open",
            ),
            models.Index(fields=["id"], condition=Q(status="pending"), name="order_pending"),
            models.Index(
                fields=["subscription", "instrument", "-id"],
                condition=Q(ladder__isnull=False),
                name="order_with_ladder",
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
    side = models.CharField(max_length=4, choices=_choices(*Side))
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


class Trade(OwnedModel):
    """A round trip, from flat to flat. `pnl` is after the fees of both ways, with its funding."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subscription = models.ForeignKey(
        StrategySubscription, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    mode = models.CharField(max_length=8, choices=Mode)
    direction = models.CharField(max_length=5, choices=_choices(*Direction))
    quantity = MoneyField()
    entry_price = MoneyField()
    exit_price = MoneyField()
    fees = MoneyField()
    funding = MoneyField(default=ZERO, db_default=ZERO, help_text="Got; negative: paid.")
    pnl = MoneyField()
    exit_reason = models.CharField(max_length=12, choices=_choices(*ExitReason))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    mae = MoneyField(null=True, help_text="How far it went against its owner; empty = not known.")
    mfe = MoneyField(null=True, help_text="How far it went for its owner; empty = not known.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["position", "sequence"], name="trade_once"),
        ]
        indexes = [
            models.Index(fields=["user", "-closed_at"], name="trade_of_user"),
            models.Index(
                fields=["instrument", "closed_at"],
                condition=Q(mae=None),
                name="trade_not_measured",
            ),
        ]

    def __str__(self) -> str:
        return f"trade {self.pk}"


class Funding(OwnedModel):
    """What a position got (negative: paid) for being held at one moment of funding."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="+")
    rate = models.ForeignKey(FundingRate, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode)
    quantity = MoneyField(help_text="Signed: a short is negative.")
    price = MoneyField(help_text="The close of the candle with which it was charged.")
    amount = MoneyField(help_text="In quote currency.")
    charged_at = models.DateTimeField(help_text="On the venue's clock.")

    class Meta:
        verbose_name_plural = "funding"
        constraints = [
            models.UniqueConstraint(fields=["position", "rate"], name="funding_once"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="funding_of_user")]

    def __str__(self) -> str:
        return f"funding {self.pk}"


class Balance(OwnedModel):
    """The running totals of an account in one currency. The postings are the truth
    (check_ledger)."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField(max_length=8, choices=Mode)
    currency = models.CharField(max_length=15)
    cash = MoneyField()
    reserved = MoneyField(help_text="Set aside for entries on their way.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "currency"], name="balance_once"),
            # Cash may be: a short that gaps beyond its margin is closed for more than there is.
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="balance_reserves_no_less_than_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"balance {self.pk}"


class Reservation(OwnedModel):
    """Cash set aside for one entry, until it fills or ends."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="reservation")
    mode = models.CharField(max_length=8, choices=Mode)
    currency = models.CharField(max_length=15)
    amount = MoneyField()
    released_at = models.DateTimeField(null=True, help_text="On the venue's clock.")

    class Meta:
        indexes = [
            models.Index(
                fields=["account"], condition=Q(released_at=None), name="reservation_open"
            ),
        ]

    def __str__(self) -> str:
        return f"reservation {self.pk}"


class JournalEntry(OwnedModel):
    """One business fact of an account in double entry; its postings sum to zero."""

    class Kind(models.TextChoices):
        DEPOSIT = "deposit"
        WITHDRAWAL = "withdrawal"
        FILL = "fill"
        FUNDING = "funding"

    OF_TRADING = (Kind.FILL, Kind.FUNDING)  # the rest is money that came and went

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    mode = models.CharField(max_length=8, choices=Mode)
    fill = models.OneToOneField(Fill, null=True, on_delete=models.PROTECT, related_name="entry")
    funding = models.OneToOneField(
        Funding, null=True, on_delete=models.PROTECT, related_name="entry"
    )
    happened_at = models.DateTimeField(help_text="On the venue's clock.")

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="fill", fill__isnull=False) | (~Q(kind="fill") & Q(fill=None)),
                name="journal_entry_names_its_fill",
            ),
            models.CheckConstraint(
                condition=Q(kind="funding", funding__isnull=False)
                | (~Q(kind="funding") & Q(funding=None)),
                name="journal_entry_names_its_funding",
            ),
        ]
        indexes = [models.Index(fields=["account", "id"], name="journal_of_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Posting(OwnedModel):
    """One line of an entry: positive debits, negative credits the named account of the journal."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mode = models.CharField(max_length=8, choices=Mode)
    ledger_account = models.CharField(max_length=8, choices=_choices(*Account))
    currency = models.CharField(max_length=15)
    amount = MoneyField()

    class Meta:
        indexes = [models.Index(fields=["account"], name="posting_of_account")]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount}"
