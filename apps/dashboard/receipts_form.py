"""Which receipts are asked for, as the page is asked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms

from apps.common.models import Mode
from apps.common.paging import HIGHEST
from apps.dashboard.order_words import STATUSES
from apps.dashboard.selectors.followed_strategies import Follower
from apps.dashboard.words import OUTCOMES
from trading.candles import Timeframe, floor_time
from trading.gates.codes import MEANINGS, GateCode

ANY = ("", "any")
LATEST = 4_102_444_800  # the year 2100, in seconds since the epoch
MODES = [(mode.value, mode.label) for mode in (Mode.PAPER, Mode.LIVE)]
INVALID = "INVALID_FILTER: {}"
IDS = {"subscription", "decision"}


class CloseForm(forms.Form):
    """Which candle is asked about: as the chart names it, by its open."""

    book = forms.CharField(required=False, max_length=60)
    instrument = forms.CharField(required=False, max_length=30)
    timeframe = forms.ChoiceField(
        required=False, choices=[(frame.value, frame.value) for frame in Timeframe]
    )
    time = forms.IntegerField(required=False, min_value=0, max_value=LATEST)

    def opened_at(self, now: datetime, timeframe: Timeframe) -> datetime:
        """The open of the candle; of the last one that has closed where no time was named."""
        time: int | None = self.cleaned_data["time"]
        if time is None:
            return floor_time(now, timeframe) - timeframe.duration
        return floor_time(datetime.fromtimestamp(time, UTC), timeframe)

    def timeframe_or(self, usual: Timeframe) -> Timeframe:
        said: str = self.cleaned_data["timeframe"]
        return Timeframe(said) if said else usual


class NarrowingForm(forms.Form):
    """Every field may be left empty: then it narrows nothing."""

    cursor = forms.IntegerField(
        required=False, min_value=1, max_value=HIGHEST, widget=forms.HiddenInput
    )

    @property
    def narrowing(self) -> dict[str, Any]:
        """As the selector takes it; the form is valid."""
        return {
            name: int(value) if name in IDS else value
            for name, value in self.cleaned_data.items()
            if value and name != "cursor"
        }

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


class OrdersForm(NarrowingForm):
    status = forms.ChoiceField(
        required=False,
        choices=[ANY, ("open", "open"), *((item.value, said) for item, said in STATUSES.items())],
    )
    decision = forms.IntegerField(
        required=False, min_value=1, max_value=HIGHEST, label="Decision number"
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="f-%s")


class ReceiptsForm(NarrowingForm):
    outcome = forms.ChoiceField(
        required=False, choices=[ANY, *((item.value, said) for item, said in OUTCOMES.items())]
    )
    code = forms.ChoiceField(
        required=False,
        label="Because",
        choices=[ANY, *((item.value, MEANINGS[item]) for item in GateCode)],
    )
    symbol = forms.ChoiceField(required=False, label="Instrument")
    subscription = forms.ChoiceField(required=False)
    mode = forms.ChoiceField(required=False, choices=[ANY, *MODES])
    day = forms.DateField(
        required=False, label="Day (UTC)", widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, follower: Follower, data: Any) -> None:
        super().__init__(data, auto_id="f-%s")
        choices: Mapping[str, Any] = {
            "symbol": ((symbol, symbol) for symbol in follower.symbols(data.get("symbol", ""))),
            "subscription": follower.subscriptions,
        }
        for name, known in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [ANY, *known]
