from typing import Any

from django import forms

from apps.common.errors import Refused
from apps.market.models import VenueFeed
from apps.market.services import live_feeds


class VenueFeedForm(forms.ModelForm[VenueFeed]):
    """The venue is typed: choosing a feed for a new one makes it."""

    code = forms.SlugField(
        max_length=30, label="Venue", help_text="As in kraken; made where it does not exist yet."
    )

    class Meta:
        model = VenueFeed
        fields = ("kind", "source", "symbols", "is_on")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.instance.venue_id:
            self.fields.pop("code", None)  # a row stays with its venue

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        code = self.instance.venue_id or said.get("code")
        if code and said.get("symbols"):
            try:
                live_feeds.check(code, said["symbols"])
            except Refused as refused:
                raise forms.ValidationError(refused.message, code=refused.code) from refused
        return said
