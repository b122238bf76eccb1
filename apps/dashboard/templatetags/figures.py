"""Template names for apps/common/numbers.py, and moments on the venue's clock."""

from datetime import UTC, datetime
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString, mark_safe

from apps.common import numbers
from apps.common.models import Mode
from apps.dashboard.order_words import kind, order_status
from apps.dashboard.selectors.origins import origin
from trading.durations import duration
from trading.gates.values import text

register = template.Library()

SIMULATED = "Simulated money: no order leaves the house"
BADGES = {
    Mode.LIVE: '<strong class="mode mode-live" title="Real money">LIVE</strong>',
    Mode.PAPER: f'<span class="mode mode-paper" title="{SIMULATED}">PAPER</span>',
    Mode.BACKTEST: f'<span class="mode mode-backtest" title="{SIMULATED}">BACKTEST</span>',
}
register.filter("kind", kind)
register.filter("order_status", order_status)
register.filter("origin", origin)
register.filter("money", numbers.money)
register.filter("signed_money", numbers.signed_money)
register.filter("grouped", numbers.grouped)
register.filter("quantity", numbers.quantity)
register.filter("signed_percent", numbers.signed_percent)
register.filter("percent", numbers.percent)
register.filter("share", numbers.share)
register.filter("tone", numbers.tone)
register.filter("duration", duration)


@register.filter
def exactly(value: Decimal | None) -> str:
    """For scripts: every digit, nothing between them, empty when unknown."""
    return "" if value is None else text(value)


@register.filter
def moment(at: datetime | None, now: datetime | None = None) -> str:
    """`14:05` on the day of `now`, `1 Jun 14:05` on another."""
    if at is None:
        return numbers.UNKNOWN
    at = at.astimezone(UTC)
    if now is not None and at.date() == now.astimezone(UTC).date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}"


@register.filter
def badge(mode: str) -> SafeString:
    """Which kind of money it is; a filter, for it stands on every row."""
    return mark_safe(BADGES[Mode(mode)])  # noqa: S308 - written above
