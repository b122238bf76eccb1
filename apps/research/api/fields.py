"""What is sent and told of backtests."""

from typing import Any

from rest_framework import serializers

from apps.common.paging import CursorQuestion
from apps.common.schema import Money
from apps.market.models import TIMEFRAMES
from apps.research.models import BacktestRun
from apps.research.services.limits import LimitsChoice
from trading.backtest import Sizing

SIZINGS = [str(each) for each in Sizing]
STATES = BacktestRun.State.choices


class BacktestsQuestion(CursorQuestion):
    state = serializers.ChoiceField(required=False, choices=STATES)
    strategy = serializers.CharField(required=False, max_length=50, help_text="A strategy's code.")


class TermsFields(serializers.Serializer[Any]):
    cash = Money(required=False, help_text="100000 where none is named.")
    currency = serializers.CharField(
        required=False, max_length=15, help_text="That the instruments are paid in."
    )
    fee = Money(
        required=False, allow_null=True,
        help_text="A fraction of each fill; null: as the instrument says.",
    )  # fmt: skip
    slippage_bps = serializers.IntegerField(required=False)
    sizing = serializers.ChoiceField(required=False, choices=SIZINGS)
    risk = Money(required=False, help_text="Of the cash, with `risk`.")
    quantity = Money(required=False, help_text="Units of each entry, with `fixed`.")
    participation = Money(
        required=False, allow_null=True,
        help_text="The most of a candle's volume that one order takes; null: without limit.",
    )  # fmt: skip
    long_only = serializers.BooleanField(required=False)
    parameters = serializers.DictField(
        required=False, child=serializers.FloatField(),
        help_text="Of the strategy: those that differ from the version's.",
    )  # fmt: skip
    bounds = serializers.DictField(
        read_only=True, child=serializers.ListField(child=serializers.CharField()),
        help_text="The limits that held when it was asked for: the value and who set it.",
    )  # fmt: skip
    symbols = serializers.ListField(
        read_only=True, child=serializers.CharField(), allow_null=True,
        help_text="That could be entered by one's own limits; null: every one.",
    )  # fmt: skip


class NewBacktest(serializers.Serializer[Any]):
    strategy = serializers.CharField(max_length=50, help_text="A strategy's code.")
    version = serializers.CharField(
        required=False, max_length=20, help_text="As in 1.0.0; the newest where none is named."
    )
    venue = serializers.CharField(required=False, max_length=30)
    symbols = serializers.ListField(
        required=False, child=serializers.CharField(max_length=30), max_length=100,
        help_text="At `venue`; the version's own instruments where none are named.",
    )  # fmt: skip
    timeframe = serializers.CharField(
        required=False, max_length=10, help_text="The version's where none is named."
    )
    began_at = serializers.DateTimeField(
        required=False, help_text="Closes after it are traded; else from the first candle on."
    )
    until = serializers.DateTimeField(
        required=False, help_text="The last close; else as far as the venue's clock has got."
    )
    settings = TermsFields(required=False)
    limits = serializers.ChoiceField(
        default=str(LimitsChoice.MINE), choices=[str(each) for each in LimitsChoice],
        help_text="`mine`: those that hold for you on paper, with this cash; `none`: the strategy "
        "alone.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("symbols") and not attrs.get("venue"):
            raise serializers.ValidationError({"venue": "Where are these symbols traded?"})
        return attrs


class BacktestFields(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    mode = serializers.CharField(help_text="Always `backtest`.")
    strategy = serializers.CharField(source="strategy_version.strategy.code")
    version = serializers.CharField(source="strategy_version.number")
    symbols = serializers.SerializerMethodField()
    timeframe = serializers.ChoiceField(choices=TIMEFRAMES)
    finest = serializers.ChoiceField(choices=TIMEFRAMES, help_text="The candles that orders meet.")
    began_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField()
    settings = TermsFields()
    state = serializers.ChoiceField(choices=STATES)
    done = serializers.IntegerField(help_text="Closes.")
    total = serializers.IntegerField(allow_null=True, help_text="Closes; null: not known yet.")
    code = serializers.CharField(help_text="Of a failure; else empty.")
    message = serializers.CharField(help_text="Of a failure, in words.")
    content_hash = serializers.CharField(help_text="Of all that went in; empty until it is done.")
    is_from_cache = serializers.BooleanField(help_text="Computed for an earlier run.")
    metrics = serializers.DictField(
        source="result.metrics", default=None, allow_null=True,
        child=serializers.FloatField(allow_null=True), help_text="null until it is done.",
    )  # fmt: skip
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_symbols(self, run: BacktestRun) -> list[str]:
        return sorted(item.symbol for item in run.instruments.all())


class ResultFields(serializers.Serializer[Any]):
    result = serializers.DictField(
        help_text="What `manage.py backtest --json --equity` prints: `trades`, `metrics`, "
        "`breakdowns`, `monthly_returns`, `equity` and what they were made of."
    )
