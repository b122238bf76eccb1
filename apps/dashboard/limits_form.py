"""A person's own limits as they are typed: shares in percent, instruments with commas between."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from apps.dashboard.limit_words import LABELS, Unit
from apps.dashboard.selectors.own_limits import LimitsPage
from apps.market.models import Instrument
from apps.risk.limits import NAMES
from apps.risk.services.limits import above_plan, set_limits
from trading.money import plain
from trading.windows import DAYS, WEEK, Window

HUNDRED = Decimal(100)
UNITS = {Unit.MONEY: "in the account's currency", Unit.SHARE: "percent"}
NOT_A_NUMBER = "INVALID_SETTING: type a number, or leave it empty."
HALF_A_WINDOW = "INVALID_SETTING: hours need both a time from which and one to which."
SMALLEST = Decimal("0.01")
LARGEST = 1_000_000_000
LARGEST_COUNT = 32_767


class LimitsForm(forms.Form):
    """Empty = no limit of one's own."""

    def __init__(self, page: LimitsPage, data: Any = None) -> None:
        super().__init__(data, initial=_initial(page))
        self.page = page
        for name in NAMES:
            self.fields[name] = _field(*LABELS[name])
        self.fields["symbols"] = forms.CharField(
            label="Only these instruments",
            required=False,
            max_length=1_000,
            help_text="As in BTC-USD, ETH-USD. Empty = every one.",
        )
        self.fields["window_days"] = forms.TypedMultipleChoiceField(
            label="Enter only on",
            choices=list(enumerate(DAYS)),
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="None ticked = every day.",
        )
        self.fields["window_opens"] = _time("From (UTC)")
        self.fields["window_closes"] = _time("To (UTC)")

    def clean_symbols(self) -> list[str] | None:
        said = {part.strip().upper() for part in self.cleaned_data["symbols"].split(",")} - {""}
        known = set(Instrument.objects.filter(symbol__in=said).values_list("symbol", flat=True))
        if unknown := sorted(said - known):
            raise forms.ValidationError(
                f"SYMBOL_UNKNOWN: there is no {', '.join(unknown)}.", code="SYMBOL_UNKNOWN"
            )
        return sorted(said) or None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self._lacks_a_time(said):
            self.add_error("window_closes", forms.ValidationError(HALF_A_WINDOW))
        for name, refused in above_plan(self.page.granted, self._values, self.page.mode):
            said_why = f"{refused.code}: {refused.message}"
            self.add_error(name, forms.ValidationError(said_why, code=refused.code))
        return said

    def keep(self, now: datetime) -> None:
        """Raises Refused where the plan has changed in between."""
        set_limits(
            self.page.user, self.page.mode, self._values, now=now,
            symbols=self.cleaned_data["symbols"], window=self._window,
        )  # fmt: skip

    @staticmethod
    def _lacks_a_time(said: dict[str, Any]) -> bool:
        given = {said.get("window_opens") is not None, said.get("window_closes") is not None}
        return len(given) > 1 or (bool(said.get("window_days")) and given == {False})

    @property
    def _window(self) -> Window | None:
        opens, closes = self.cleaned_data["window_opens"], self.cleaned_data["window_closes"]
        if opens is None:
            return None
        return Window.of(self.cleaned_data["window_days"] or WEEK, opens, closes)

    @property
    def _values(self) -> dict[str, Decimal | int | None]:
        """What could be read, with shares as fractions."""
        return {
            name: value / HUNDRED if _is_share(name) and value is not None else value
            for name in NAMES
            if name in self.cleaned_data
            for value in [self.cleaned_data[name]]
        }


def _initial(page: LimitsPage) -> dict[str, object]:
    own = page.own
    found: dict[str, object] = {"symbols": ", ".join(sorted(own.symbols or ()))}
    if own.window is not None:
        found |= {
            # Every day is what none ticked says, too: emptying the hours then lifts the window.
            "window_days": [] if own.window.days == set(WEEK) else sorted(own.window.days),
            "window_opens": own.window.opens,
            "window_closes": own.window.closes,
        }
    for name in NAMES:
        bound = getattr(own.bounds, name)
        if bound is not None:
            found[name] = plain(bound.value * HUNDRED) if _is_share(name) else bound.said
    return found


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        error_messages={"invalid": "INVALID_SETTING: type a time, as in 08:00."},
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )


def _is_share(name: str) -> bool:
    return LABELS[name].unit is Unit.SHARE


def _field(label: str, unit: Unit) -> forms.Field:
    said = {"invalid": NOT_A_NUMBER}
    if unit is Unit.COUNT:
        return forms.IntegerField(
            label=label, required=False, min_value=0, max_value=LARGEST_COUNT, error_messages=said
        )
    return forms.DecimalField(
        label=f"{label} ({UNITS[unit]})",
        required=False,
        min_value=SMALLEST,
        max_value=HUNDRED if unit is Unit.SHARE else LARGEST,
        decimal_places=2,
        error_messages=said,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
