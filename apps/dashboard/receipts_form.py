"""Which receipts are asked for, as the page is asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms

from apps.common.models import Mode
from apps.common.paging import HIGHEST
from apps.dashboard.selectors.followed_strategies import Follower
from trading.gates.codes import GateCode
from trading.gates.values import Outcome

ANY = ("", "any")
MODES = [(mode.value, mode.label) for mode in (Mode.PAPER, Mode.LIVE)]
INVALID = "INVALID_FILTER: {}"


class ReceiptsForm(forms.Form):
    """Every field may be left empty: then it narrows nothing."""

    outcome = forms.ChoiceField(
        required=False, choices=[ANY, *((item.value, item.value) for item in Outcome)]
    )
    code = forms.ChoiceField(
        required=False, choices=[ANY, *((item.value, item.value) for item in GateCode)]
    )
    symbol = forms.ChoiceField(required=False, label="Instrument")
    subscription = forms.ChoiceField(required=False)
    mode = forms.ChoiceField(required=False, choices=[ANY, *MODES])
    day = forms.DateField(
        required=False, label="Day (UTC)", widget=forms.DateInput(attrs={"type": "date"})
    )
    cursor = forms.IntegerField(
        required=False, min_value=1, max_value=HIGHEST, widget=forms.HiddenInput
    )

    def __init__(self, follower: Follower, data: Any) -> None:
        super().__init__(data, auto_id="f-%s")
        choices: Mapping[str, Any] = {
            "symbol": ((symbol, symbol) for symbol in follower.symbols),
            "subscription": follower.subscriptions,
        }
        for name, known in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANY, *known]

    @property
    def narrowing(self) -> dict[str, Any]:
        """As `risk.selectors.decisions` takes it; the form is valid."""
        said = {name: value for name, value in self.cleaned_data.items() if value}
        said.pop("cursor", None)
        if "subscription" in said:
            said["subscription"] = int(said["subscription"])
        return said

    @property
    def query(self) -> str:
        """What narrows, to be said again with another page or as a file."""
        return urlencode(
            {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in self.narrowing.items()
            }
        )

    @property
    def problem(self) -> str:
        found = [f"{name}: {error}" for name, errors in self.errors.items() for error in errors]
        return INVALID.format(" ".join(found)) if found else ""
