"""What a backtest is made of, in one hash: equal hashes, equal results.

There is no seed in it: nothing of a backtest is drawn. A part that begins to draw numbers has to
bring the seed of them here.
"""

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import Any

from apps.market import sessions
from apps.research.services import entries, histories, telling
from apps.research.services.telling import data_hash, engine_version
from apps.research.services.terms import Terms
from trading.backtest import Market, Settings

COMPUTING = ("exchange_calendars", "numba", "numpy", "TA-Lib")


def content_hash(
    settings: Settings, markets: Sequence[Market], terms: Terms, calendars: Mapping[str, str]
) -> str:
    """Of the code that decides, the engine, candles and funding, the terms of the instruments with
    their calendars, and all that was set.
    """
    strategy = settings.strategy
    made_of: dict[str, Any] = {
        "strategy": strategy.code,
        "code": strategy.content_hash(),
        "engine": engine_version(),
        "teller": teller_version(),
        "parameters": asdict(settings.parameters),
        "terms": {**terms.as_json(), "parameters": None},
        "begins_at": settings.begins_at,
        "data": data_hash(markets),
        "instruments": [asdict(market.rules) for market in markets],
        "calendars": dict(calendars),
        "fed": [market.is_fed for market in markets],
    }
    canonical = json.dumps(made_of, sort_keys=True, default=_plain)
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def teller_version() -> str:
    """Of what loads a history, of what writes the result, and of the packages that both and the
    engine compute with: the core's version has none of them."""
    digest = hashlib.sha256()
    for module in (histories, sessions, telling, entries):
        digest.update(inspect.getsource(module).encode())
    for package in COMPUTING:
        digest.update(f"{package} {version(package)}\n".encode())
    return digest.hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return str(value.timestamp())
    raise TypeError(f"{value!r} has no canonical form")
