"""What came of a backtest, on its page and in its files."""

import csv
import json
import re
import zlib
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from apps.research.models import BacktestResult, BacktestRun
from apps.research.services.limits import LimitsChoice
from tests import fakes
from tests.dashboard.backtesting import WAVES, asked, computed, swinging
from tests.dashboard.reading import text
from tests.fakes import World

MOST_QUERIES = 12
FILES = ("export.json", "export.csv", "limits.csv", "export.html")


@pytest.fixture
def run(lab: World) -> BacktestRun:
    """Done: a trade for every wave."""
    swinging(lab)
    return computed(asked(lab))


def page_of(run: BacktestRun) -> str:
    return f"/backtests/{run.pk}/"


def test_the_page_tells_the_figures_and_under_which_settings(
    run: BacktestRun, alice: Client
) -> None:
    assert run.result is not None
    shown = text(alice.get(page_of(run)))
    metrics = run.result.metrics
    assert metrics["trades"] > WAVES - 5
    assert f"Total return {metrics['total_return'] * 100:,.2f} %" in shown
    assert f"Net P&L {metrics['net_pnl']:,.2f}" in shown
    assert "REPORT BACKTEST SMA crossover 1.0.0, BTC-USD" in shown
    assert "Against buying and holding BTC-USD" in shown
    assert "By regime" in shown
    assert "Equity, close by close" in shown
    assert "Regime: the class that the instrument itself had at the entry." in shown
    assert "Cash 1,000 USD" in shown
    assert "Selling short never" in shown
    assert "the stop is taken to have come first" in shown
    assert f"Engine {run.result.payload['engine']}, version {run.result.engine_version}" in shown
    assert f"Hash of the candles {run.result.data_hash}" in shown
    assert "Fee as each instrument says" in shown


def test_the_limits_that_held_are_told_with_who_set_them(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    page = page_of(computed(asked(lab, limits=LimitsChoice.MINE)))
    for path in (page, f"{page}export.html"):
        shown = text(alice.get(path))
        assert "Most of the account in one order: 5 % (the capital tier)" in shown
        assert "Trades a day: 10 (your plan)" in shown
        cap = "the share of the account that one order may take, set by the capital tier"
        assert f" ordered. Cut down by: {cap} (" in shown
        assert "SHARE:tier" not in shown
    shown = text(alice.get(page_of(computed(asked(lab)))))
    assert "Limits none: the strategy alone" in shown


def test_the_limits_are_a_table_too(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    run = computed(asked(lab, limits=LimitsChoice.MINE))
    answer = alice.get(f"{page_of(run)}limits.csv")
    rows = [tuple(row) for row in csv.reader(StringIO(answer.content.decode()))]
    assert run.result is not None
    ordered = str(run.result.payload["entries"]["ordered"])
    assert rows[0] == ("kind", "name", "value", "source")
    assert {("limit", "most_share", "0.05", "tier"), ("cut_down", "SHARE:tier", ordered, "")} <= {
        *rows
    }
    alone = computed(asked(lab))
    assert "limit," not in alice.get(f"{page_of(alone)}limits.csv").content.decode()


def test_a_result_of_before_entries_were_counted_is_still_told(
    run: BacktestRun, alice: Client
) -> None:
    assert run.result is not None
    told = {name: value for name, value in run.result.payload.items() if name != "entries"}
    run.result.packed = zlib.compress(json.dumps(told).encode())
    run.result.page = None
    run.result.save()

    shown = text(alice.get(page_of(run)))
    assert "Signals to enter" not in shown
    assert alice.get(f"{page_of(run)}limits.csv").status_code == 200
    assert "Cash 1,000 USD" in shown


def test_trades_are_drawn_on_the_candles(run: BacktestRun, alice: Client) -> None:
    page = alice.get(page_of(run)).content.decode()
    (drawn,) = re.findall(r'<svg class="candles".*?</svg>', page, re.DOTALL)
    assert drawn.count('class="mark-entry"') > 10
    assert re.search(r'class="mark mark-(won|lost)"', drawn)
    titles = re.findall(r"<title>Trade (\d+): long from", drawn)
    assert titles == sorted(titles, key=int)


def test_a_chosen_trade_is_in_the_middle_of_its_window(run: BacktestRun, alice: Client) -> None:
    page = alice.get(page_of(run), {"trade": "30"}).content.decode()
    (chosen,) = re.findall(r"mark-chosen.*?<title>Trade (\d+)", page, re.DOTALL)
    assert chosen == "30"
    assert ">Earlier</a>" in page
    assert ">Later</a>" in page


def test_windows_lead_through_all_candles_and_end(run: BacktestRun, alice: Client) -> None:
    seen: set[str] = set()
    asked_for: dict[str, str] = {}
    for _ in range(10):
        page = alice.get(page_of(run), asked_for).content.decode()
        seen |= set(re.findall(r"<title>Trade (\d+):", page))
        earlier = re.search(r"until=(\d+)#chart\">Earlier", page)
        if earlier is None:
            break
        asked_for = {"until": earlier[1]}
    assert run.result is not None
    assert seen == {str(number + 1) for number in range(run.result.metrics["trades"])}
    assert "Later" in page


@pytest.mark.parametrize(
    "question",
    [
        {"trade": "9999"}, {"trade": "x"}, {"until": "-5"}, {"until": "9" * 30}, {"until": "0"},
        {"symbol": "NO-SUCH"}, {"page": "99"}, {"page": "x"}, {"trade": "²"}, {"until": "٣"},
    ],
    ids=str,
)  # fmt: skip
def test_an_odd_question_is_answered_with_the_page(
    run: BacktestRun, alice: Client, question: dict[str, str]
) -> None:
    assert alice.get(page_of(run), question).status_code == 200


def test_trades_are_listed_page_by_page(run: BacktestRun, alice: Client) -> None:
    first = alice.get(page_of(run)).content.decode()
    second = alice.get(page_of(run), {"page": "2"}).content.decode()
    numbers = [re.findall(r"trade=(\d+)&", page) for page in (first, second)]
    assert run.result is not None
    assert numbers[0] + numbers[1] == [
        str(number + 1) for number in range(run.result.metrics["trades"])
    ]
    assert len(numbers[0]) == 50
    assert "strategy signal" in first


def test_the_page_costs_at_most_twelve_queries_however_many_trades(
    lab: World, alice: Client, django_assert_max_num_queries: Any
) -> None:
    swinging(lab)
    several = computed(asked(lab))
    with django_assert_max_num_queries(MOST_QUERIES) as many:
        alice.get(page_of(several))
    none = computed(asked(lab, cash=Decimal("0.02")))
    assert none.result is not None
    assert none.result.metrics["trades"] == 0
    with django_assert_max_num_queries(len(many.captured_queries)):
        assert "It made no trade" in text(alice.get(page_of(none)))


def test_nothing_on_the_page_is_inline_or_from_another_host(
    run: BacktestRun, alice: Client
) -> None:
    page = alice.get(page_of(run)).content.decode()
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert not re.findall(r"<style|\sstyle=|\son\w+=", page)


def test_the_json_is_what_was_kept(run: BacktestRun, alice: Client) -> None:
    answer = alice.get(f"{page_of(run)}export.json")
    assert run.result is not None
    assert json.loads(answer.content) == run.result.payload
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    name = f'attachment; filename="backtest-{run.pk}.json"'
    assert answer["Content-Disposition"] == name


def test_the_csv_has_every_trade(run: BacktestRun, alice: Client) -> None:
    answer = alice.get(f"{page_of(run)}export.csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert run.result is not None
    told = run.result.payload["trades"]
    assert [float(row["pnl"]) for row in rows] == [trade["pnl"] for trade in told]
    assert {row["symbol"] for row in rows} == {"BTC-USD"}
    assert answer["Content-Disposition"].endswith('.csv"')


def test_the_html_file_needs_no_other(run: BacktestRun, alice: Client) -> None:
    page = alice.get(f"{page_of(run)}export.html").content.decode()
    assert not re.findall(r"\bsrc=|<link|<script|href=|url\(|@import", page)
    assert page.count("<svg") == 2
    assert "BACKTEST" in page
    assert "Hash of the candles" in page


@pytest.mark.parametrize("path", ["", *FILES])
def test_nobody_sees_the_backtest_of_another(run: BacktestRun, client: Client, path: str) -> None:
    client.force_login(fakes.user("bob"))
    assert client.get(page_of(run) + path).status_code == 404


@pytest.mark.parametrize("path", FILES)
def test_there_is_no_file_before_it_is_done(lab: World, alice: Client, path: str) -> None:
    swinging(lab, 3)
    assert alice.get(page_of(asked(lab)) + path).status_code == 404


def test_the_page_and_its_files_are_shown_without_the_closes(
    run: BacktestRun, alice: Client
) -> None:
    """Of a million they are megabytes; what is shown is kept apart."""
    names = ("", "export.csv", "export.html")
    before = [untokened(alice, page_of(run) + name) for name in names]

    BacktestResult.objects.update(packed=b"")

    assert [untokened(alice, page_of(run) + name) for name in names] == before


@pytest.mark.parametrize("query", ["", "?trade=30", "?page=2"])
def test_a_result_from_before_pages_were_kept_is_shown_alike(
    run: BacktestRun, alice: Client, query: str
) -> None:
    before = untokened(alice, page_of(run) + query)

    BacktestResult.objects.update(page=None)

    assert untokened(alice, page_of(run) + query) == before


def untokened(alice: Client, address: str) -> str:
    """What is shown, without the token of its forms, which is another one each time."""
    shown = alice.get(address).content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", shown)
