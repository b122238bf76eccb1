"""Backtests that people ask for: computed once, and the same as the command's."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.events.models import Event
from apps.market.models import Candle, Instrument, MarketClock
from apps.market.services.candles import record_candles
from apps.market.services.funding_rates import record_rates
from apps.market.services.importing import MIN_NOTIONAL, QUANTITY_INCREMENT
from apps.research.models import BacktestResult
from apps.research.services import hashing, histories, running
from tests import fakes
from tests.fakes import MINUTE, MONDAY, World
from tests.research.asking import PRICES, TERMS, asked, lab_with, payload, taken
from trading.backtest import Market
from trading.candles import Timeframe, aggregate
from trading.compiled import choosing

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return lab_with(PRICES)


def test_a_run_gives_what_the_command_prints(lab: World, tmp_path: Path) -> None:
    # As the command takes a file of such prices to be.
    Instrument.objects.update(
        price_increment=1, quantity_increment=QUANTITY_INCREMENT, min_quantity=QUANTITY_INCREMENT,
        min_notional=MIN_NOTIONAL,
    )  # fmt: skip
    run = taken(asked(lab, long_only=True))

    assert run.state == "done"
    assert len(payload(run)["trades"]) == 1
    path = tmp_path / "candles.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "open", "high", "low", "close", "volume"])
        for minute, price in enumerate(PRICES):
            opened = (MONDAY + minute * MINUTE).isoformat()
            rows.writerow([opened, *[price] * 4, fakes.VOLUME])
    out = StringIO()
    call_command(
        "backtest", "sma_crossover", "--candles", str(path), "--symbol", "BTC-USD",
        "--timeframe", "1m", "--param", "fast=2", "--param", "slow=3", "--param", "stop_loss=0",
        "--param", "take_profit=0", "--cash", "1000", "--json", "--equity", "--long-only",
        stdout=out,
    )  # fmt: skip
    printed = json.loads(out.getvalue())
    del printed["elapsed_seconds"], printed["engine"]
    assert payload(run) == printed


def test_what_is_done_says_so_and_is_told(lab: World) -> None:
    run = taken(asked(lab))

    assert (run.state, run.attempt, run.mode) == ("done", 1, "backtest")
    assert run.done == run.total == len(PRICES)
    assert run.result is not None
    assert run.result.metrics["trades"] == len(payload(run)["trades"]) > 0
    assert run.finished_at is not None
    told = Event.objects.of(lab.alice).filter(kind__startswith="backtest.").order_by("id")
    kinds = ["backtest.queued", "backtest.started", "backtest.finished"]
    assert list(told.values_list("kind", flat=True)) == kinds
    last = told.last()
    assert last is not None
    assert last.payload == {"run": run.pk, "state": "done", "code": ""}


def test_a_run_that_is_worth_it_is_compiled(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "WORTH_COMPILING", 0)
    result = taken(asked(lab)).result
    assert result is not None
    assert result.payload["engine"] == "compiled"


def test_the_same_again_is_not_computed_again(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = taken(asked(lab))
    monkeypatch.setattr(running, "backtest_fastest", _must_not)

    bobs = taken(asked(lab, by=fakes.user("bob")))

    assert bobs.state == "done"
    assert bobs.is_from_cache
    assert not first.is_from_cache
    assert bobs.result_id == first.result_id
    assert bobs.done == bobs.total == len(PRICES)
    assert BacktestResult.objects.count() == 1


def _must_not(*_: object, **__: object) -> None:
    raise AssertionError("it was computed again")


def other_candle() -> None:
    Candle.objects.filter(open_time=MONDAY + 6 * MINUTE).update(volume=Decimal("999.999"))


def other_terms_of_the_instrument() -> None:
    Instrument.objects.update(min_notional=2)


def other_calendar() -> None:
    Instrument.objects.update(calendar="XNYS")


def other_funding() -> None:
    record_rates(Instrument.objects.get().pk, [(MONDAY + 6 * MINUTE, Decimal("0.0001"))])


@pytest.mark.parametrize(
    "change", [other_candle, other_terms_of_the_instrument, other_calendar, other_funding]
)
def test_other_data_is_another_backtest(lab: World, change: Callable[[], None]) -> None:
    first = taken(asked(lab))
    change()
    assert taken(asked(lab)).content_hash != first.content_hash


@pytest.mark.parametrize("version", ["engine_version", "teller_version"])
def test_other_code_is_another_backtest(
    lab: World, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    first = taken(asked(lab))
    monkeypatch.setattr(hashing, version, lambda: "of tomorrow")
    assert taken(asked(lab)).content_hash != first.content_hash


@pytest.mark.parametrize(
    "terms",
    [
        {"parameters": {**TERMS["parameters"], "slow": 4}},
        {"cash": 1001},
        {"fee": None, "slippage_bps": 1},
        {"sizing": "risk"},
        {"participation": "0.1"},
        {"long_only": True},
        {"began_at": MONDAY + MINUTE},
        {"until": MONDAY + 13 * MINUTE},
    ],
    ids=lambda terms: next(iter(terms)),
)
def test_other_settings_are_another_backtest(lab: World, terms: dict[str, Any]) -> None:
    Instrument.objects.update(is_shortable=True)
    first = taken(asked(lab))
    assert taken(asked(lab, **terms)).content_hash != first.content_hash


def test_what_changes_nothing_that_goes_in_is_the_same(lab: World) -> None:
    first = taken(asked(lab))
    later = taken(asked(lab, cash="1000.00", until=timezone.now() + timedelta(days=9999)))
    assert later.content_hash == first.content_hash


def test_history_before_the_beginning_warms_up_and_is_not_traded(lab: World) -> None:
    """The averages of the first close that counts are made of closes from before it."""
    begins = MONDAY + 4 * MINUTE  # the next close crosses
    run = taken(asked(lab, began_at=begins))

    whole = payload(taken(asked(lab)))
    told = payload(run)
    assert told["trades"] == whole["trades"]
    assert told["trades"][0]["entry_time"] == (begins + MINUTE).isoformat()
    assert len(told["equity"]) == len(PRICES) - 4


def test_only_what_counts_is_loaded(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Market] = []

    def spied(*arguments: Any, **named: Any) -> Market:
        seen.append(histories.market_of(*arguments, **named))
        return seen[-1]

    monkeypatch.setattr(running, "market_of", spied)
    taken(asked(lab, began_at=MONDAY + 8 * MINUTE, until=MONDAY + 12 * MINUTE))

    (market,) = seen
    whole = histories.market_of(lab.instrument, Timeframe.M1, Timeframe.M1, MONDAY + 12 * MINUTE)
    assert list(market.candles) == list(whole.candles)[8:]
    assert market.series.close_times.tolist() == whole.series.close_times.tolist()[8 - 4 :]


@pytest.mark.parametrize(("quantity", "bought"), [(3, 6), (6, 9)])
def test_two_instruments_share_one_capital(lab: World, quantity: int, bought: int) -> None:
    """Both want to enter at one close, at 103: the cash of 1000 buys nine, and a part."""
    other = fakes.instrument(lab.venue, "ETH-USD")
    fakes.write(other, PRICES, MONDAY)
    both = [lab.instrument, other]
    run = taken(asked(lab, instruments=both, sizing="fixed", quantity=quantity))

    told = payload(run)
    assert told["symbols"] == ["BTC-USD", "ETH-USD"]
    first = told["trades"][0]["entry_time"]
    entered = [trade["quantity"] for trade in told["trades"] if trade["entry_time"] == first]
    assert len(entered) == 2
    assert int(sum(entered)) == bought


def test_orders_meet_the_finest_candles_of_the_venue_where_they_reach_as_far(lab: World) -> None:
    pk = lab.instrument.pk
    minutes = [fakes.candle(MONDAY + number * MINUTE, "100") for number in range(15)]
    record_candles(Timeframe.M5, {pk: aggregate(minutes, Timeframe.M5)})
    assert asked(lab, timeframe="5m").finest == "1m"

    older = [fakes.candle(MONDAY + number * MINUTE, "100") for number in range(-5, 0)]
    record_candles(Timeframe.M5, {pk: aggregate(older, Timeframe.M5)})
    assert asked(lab, timeframe="5m", cash=2000).finest == "5m"


def test_finer_candles_that_end_earlier_are_not_taken(lab: World) -> None:
    minutes = [fakes.candle(MONDAY + number * MINUTE, "100") for number in range(30)]
    record_candles(Timeframe.M5, {lab.instrument.pk: aggregate(minutes, Timeframe.M5)})
    MarketClock.objects.update(now=MONDAY + 30 * MINUTE)
    assert asked(lab, timeframe="5m").finest == "5m"
