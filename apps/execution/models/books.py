"""The money: the journal in double entry, an account's totals, and what is set aside of them."""

from django.db import models
from django.db.models import Q

from apps.brokers.models import BrokerAccount
from apps.common.fields import choices
from apps.common.models import Mode, MoneyField, OwnedModel
from apps.execution.models.orders import Fill, Order
from apps.execution.models.positions import Funding
from trading.ledger import Account


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
    ledger_account = models.CharField(max_length=8, choices=choices(Account))
    currency = models.CharField(max_length=15)
    amount = MoneyField()

    class Meta:
        indexes = [models.Index(fields=["account"], name="posting_of_account")]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount}"
