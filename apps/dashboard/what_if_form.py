"""What somebody would order, as they type it."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount
from apps.execution.services.tickets import LARGEST, Ticket
from apps.market.models import Instrument
from trading.signals import Side

WORTH, UNITS = "worth", "units"
SMALLEST = Decimal("0.000000000000000001")
NOT_A_NUMBER = "Type a number above 0."


def _number(label: str, *, required: bool = False, about: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=SMALLEST,
        max_value=LARGEST,
        decimal_places=18,
        help_text=about,
        error_messages={"invalid": NOT_A_NUMBER},
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class WhatIfForm(forms.Form):
    """Of one's own accounts; the instrument is one of the account's venue."""

    account = forms.ModelChoiceField(BrokerAccount.objects.none(), empty_label=None)
    symbol = forms.CharField(label="Instrument", max_length=30, help_text="As in BTC-USD.")
    side = forms.ChoiceField(choices=[(Side.BUY.value, "Buy"), (Side.SELL.value, "Sell")])
    amount = _number("Amount", required=True)
    of = forms.ChoiceField(
        label="Which is",
        choices=[(WORTH, "what it is to be worth"), (UNITS, "a number of units")],
    )
    limit_price = _number("At no worse price than", about="Empty = at market.")
    stop_price = _number("Stop", about="Empty = none.")

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        own = BrokerAccount.objects.of(user).select_related("venue").order_by("id")
        self.fields["account"].queryset = own  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        account, symbol = said.get("account"), said.get("symbol")
        if account is not None and symbol:
            found = Instrument.objects.filter(venue=account.venue, symbol=symbol.upper()).first()
            if found is None:
                told = f"SYMBOL_UNKNOWN: there is no {symbol} at {account.venue.name}."
                self.add_error("symbol", forms.ValidationError(told, code="SYMBOL_UNKNOWN"))
            said["instrument"] = found
        return said

    @property
    def ticket(self) -> Ticket:
        """Of a form that is valid."""
        said = self.cleaned_data
        of_units = said["of"] == UNITS
        return Ticket(
            account=said["account"],
            instrument=said["instrument"],
            side=Side(said["side"]),
            quantity=said["amount"] if of_units else None,
            notional=None if of_units else said["amount"],
            limit_price=said["limit_price"],
            stop_price=said["stop_price"],
        )
