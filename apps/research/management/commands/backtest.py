"""For scripts and for a look: a built-in strategy over a file of candles."""

import json
import time
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.research.services.files import market_of_file, strategy_named
from apps.research.services.limits import LimitsChoice, limited
from apps.research.services.telling import as_json, as_words, report_of
from apps.research.services.terms import Terms, settings_of, terms_of
from trading.backtest import Market, Settings, Sizing
from trading.compiled import Engine, NotExpressible, backtest_fastest
from trading.strategies import Strategy

TERMS = (
    "cash", "fee", "slippage_bps", "sizing", "risk", "quantity", "participation", "long_only",
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Runs a strategy over a CSV or Parquet file of candles (columns time, open, high, low, "
        "close, volume) through the functions that trade for people. Needs no database, "
        "unless somebody's limits are to hold."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("strategy", help="As in sma_crossover.")
        parser.add_argument("--candles", type=Path, required=True)
        parser.add_argument("--symbol", required=True, help="As in BTC-USD.")
        parser.add_argument("--timeframe", required=True, help="As in 1m, 1h, 1d.")
        parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--cash", default="100000")
        parser.add_argument("--fee", default="0.001", help="A fraction of each fill.")
        parser.add_argument("--slippage-bps", type=int, default=0)
        parser.add_argument("--sizing", choices=[str(each) for each in Sizing], default="all-in")
        parser.add_argument(
            "--risk", default="0.01", help="Of the cash, with --sizing risk; APEX says its own."
        )
        parser.add_argument("--quantity", default="1", help="Units; with --sizing fixed.")
        parser.add_argument(
            "--participation", default=None,
            help="The most of a candle's volume that one order takes; without: no limit. "
            "The paper venue's is 0.1. An all-in entry takes that once.",
        )  # fmt: skip
        parser.add_argument(
            "--limits", choices=[str(each) for each in LimitsChoice],
            default=str(LimitsChoice.NONE),
            help="mine: those of --user on paper, with this cash; none: the strategy alone.",
        )  # fmt: skip
        parser.add_argument("--user", metavar="EMAIL", help="With --limits mine.")
        parser.add_argument("--long-only", action="store_true", help="Nothing can be sold short.")
        parser.add_argument(
            "--engine", choices=[str(each) for each in Engine], default=str(Engine.AUTO),
            help="Both come to the same; auto takes the compiled one where it can.",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="One JSON object instead of words.")
        parser.add_argument("--equity", action="store_true", help="With the equity of each candle.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            settings, markets = _prepared(options)
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}") from refused
        started = time.perf_counter()
        with tqdm(unit=" candles", disable=None, leave=False) as bar:  # None: only on a terminal

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                ran = backtest_fastest(
                    settings, markets, engine=Engine(options["engine"]), progress=progress
                )
            except NotExpressible as why:
                raise CommandError(f"NOT_EXPRESSIBLE: {why}; the event path can.") from why
        result = ran.result
        seconds = time.perf_counter() - started
        if options["json"]:
            told = as_json(settings, markets, ran, seconds=seconds, with_equity=options["equity"])
            self.stdout.write(json.dumps(told, allow_nan=False))
        else:
            self.stdout.write(
                as_words(report_of(settings, markets, result), result, seconds=seconds)
            )
            self.stdout.write(f"Engine: {ran.engine}{f' ({ran.why})' if ran.why else ''}.")


def _prepared(options: dict[str, Any]) -> tuple[Settings, list[Market]]:
    strategy, parameters = strategy_named(options["strategy"], _pairs(options["param"]))
    terms = _limited(terms_of({name: options[name] for name in TERMS}), strategy, options)
    market = market_of_file(
        options["candles"],
        symbol=options["symbol"],
        timeframe=options["timeframe"],
        now=timezone.now(),
    )
    rules = terms.rules(replace(market.rules, is_shortable=True))
    settings = settings_of(replace(terms, currency=rules.quote), strategy, parameters)
    return settings, [replace(market, rules=rules)]


def _limited(terms: Terms, strategy: Strategy, options: dict[str, Any]) -> Terms:
    choice, email = LimitsChoice(options["limits"]), options["user"] or ""
    if choice is LimitsChoice.NONE:
        return terms
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise Refused("UNKNOWN_USER", f"Nobody has the email address '{email}'.")
    return limited(terms, strategy, choice, user, timezone.now())


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused("PARAMETERS_NOT_USABLE", f"'{text}' is not NAME=VALUE.")
        pairs[name] = value
    return pairs
