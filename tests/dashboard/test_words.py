"""Every answer in a sentence, with the observed value and the limit."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.dashboard.words import CAPS, Told, gate_line, sentence
from trading.gates import ENTRY_GATES, EXIT_GATES
from trading.gates.codes import SKIPS, GateCode
from trading.gates.values import Outcome, Status, Verdict
from trading.orders import OrderStatus
from trading.signals import Action
from trading.sizing import CapCode

BOUGHT = Told(
    action=Action.ENTER_LONG,
    outcome=Outcome.ORDERED,
    code="",
    symbol="BTC-USD",
    currency="USD",
    price_places=2,
    strategy="SMA crossover",
    quantity=Decimal("0.013"),
    verdicts=[],
    order_status=OrderStatus.FILLED,
    filled_quantity=Decimal("0.01300"),
    filled_price=Decimal("61204.5"),
)

# What a gate stores (observed, limit) when it refuses with the code, and what people read.
REFUSALS = {
    GateCode.TRADING_HALTED: ("HALTED", "ACTIVE", "trading is halted"),
    GateCode.TRADING_REDUCING: ("REDUCING", "ACTIVE", "only closing is allowed now"),
    GateCode.SUBSCRIPTION_PAUSED: ("paused", "active", "subscription paused"),
    GateCode.SYMBOL_NOT_ALLOWED: ("BTC-USD", "", "not among this subscription's instruments"),
    GateCode.SHORT_NOT_AVAILABLE: (
        "BTC-USD", "", "this instrument cannot be sold short on this account",
    ),
    GateCode.INSTRUMENT_NOT_TRADING: (
        "halted", "trading", "the venue has stopped trading in this instrument",
    ),
    GateCode.MARKET_CLOSED: ("closed", "open", "the market is closed"),
    GateCode.CURRENCY_MISMATCH: ("USD", "EUR", "paid in USD, the account holds EUR"),
    GateCode.INSUFFICIENT_WARMUP: ("12", "51", "warming up, 12 of 51 candles"),
    GateCode.INSUFFICIENT_BALANCE: ("12.5", "20.4", "12.50 USD free, 20.40 USD needed"),
    GateCode.MAX_POSITIONS: ("3", "3", "max positions 3 of 3"),
    GateCode.DAILY_LOSS_LIMIT: ("52.1", "50", "daily loss 52.10 USD of 50.00 USD"),
    GateCode.NOTIONAL_BELOW_MINIMUM: ("4.2", "10", "order of 4.20 USD, minimum 10.00 USD"),
    GateCode.QUANTITY_BELOW_MINIMUM: ("0.0001", "0.01", "quantity 0.0001, minimum 0.01"),
    GateCode.DUPLICATE_SIGNAL: ("0.013", "0", "already held"),
    GateCode.NO_POSITION: ("0", "", "nothing to close"),
    GateCode.EXIT_ALREADY_WORKING: ("0.013", "", "already being closed"),
    GateCode.FACT_UNKNOWN: ("free_cash", "", "not known: free cash"),
}  # fmt: skip


def test_a_fill_says_how_much_at_what_price_and_who_wanted_it() -> None:
    assert sentence(BOUGHT) == "Bought 0.013 BTC-USD at 61,204.50 — SMA crossover"


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        (Action.EXIT_LONG, "Sold"),
        (Action.ENTER_SHORT, "Sold short"),
        (Action.EXIT_SHORT, "Bought back"),
    ],
)
def test_each_action_has_its_verb(action: Action, verb: str) -> None:
    assert sentence(replace(BOUGHT, action=action)).startswith(f"{verb} 0.013 BTC-USD")


def test_an_order_on_its_way_is_not_told_as_done() -> None:
    waiting = replace(
        BOUGHT, order_status=OrderStatus.ACCEPTED, filled_quantity=None, filled_price=None
    )
    assert sentence(waiting) == "Buying 0.013 BTC-USD at the next price — SMA crossover"


@pytest.mark.parametrize(
    ("limit", "trigger", "words"),
    [
        (Decimal(61000), None, "at 61,000.00 or better"),
        (None, Decimal(62000), "once it reaches 62,000.00"),
        (Decimal(62100), Decimal(62000), "once it reaches 62,000.00, at 62,100.00 or better"),
    ],
)
def test_an_order_that_waits_says_for_which_price(
    limit: Decimal | None, trigger: Decimal | None, words: str
) -> None:
    waiting = replace(
        BOUGHT, order_status=OrderStatus.ACCEPTED, filled_quantity=None, filled_price=None,
        limit_price=limit, trigger_price=trigger,
    )  # fmt: skip
    assert sentence(waiting) == f"Buying 0.013 BTC-USD {words} — SMA crossover"


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (
            OrderStatus.REJECTED, "INSUFFICIENT_FUNDS",
            "the venue refused it, the account could not pay for it at the next price",
        ),
        (
            OrderStatus.CANCELED, "TRADING_HALTED",
            "trading was stopped before it was sent",
        ),
        (OrderStatus.EXPIRED, "STALE", "its candle had passed before it could be sent"),
        (OrderStatus.REJECTED, "POST_ONLY", "the venue refused it, post only"),
        (OrderStatus.CANCELED, "", "the order was canceled"),
    ],
)  # fmt: skip
def test_an_order_that_came_to_nothing_says_why(
    status: OrderStatus, reason: str, words: str
) -> None:
    ended = replace(
        BOUGHT,
        order_status=status,
        order_reason=reason,
        filled_quantity=None,
        filled_price=None,
    )
    assert sentence(ended) == f"Not bought: {words} — BTC-USD, SMA crossover"


def test_every_code_is_among_these_examples() -> None:
    assert set(REFUSALS) == set(GateCode)


@pytest.mark.parametrize("code", list(GateCode))
def test_every_code_is_said_with_its_numbers(code: GateCode) -> None:
    observed, limit, words = REFUSALS[code]
    verdicts = [
        Verdict(2, Status.PASSED, "", "active", ""),
        Verdict(6, Status.REFUSED, code.value, observed, limit),
    ]
    is_skip = code in SKIPS
    refused = replace(
        BOUGHT,
        outcome=Outcome.SKIPPED if is_skip else Outcome.DENIED,
        code=code.value,
        verdicts=verdicts,
        order_status=None,
        filled_quantity=None,
        filled_price=None,
    )
    opening = "Skipped" if is_skip else "Denied"
    assert sentence(refused) == f"{opening}: {words} — BTC-USD, SMA crossover"


def test_an_entry_on_its_way_is_told_from_a_position() -> None:
    verdict = Verdict(9, Status.REFUSED, "DUPLICATE_SIGNAL", "entry on its way", "0")
    skipped = replace(BOUGHT, outcome=Outcome.SKIPPED, code="DUPLICATE_SIGNAL", verdicts=[verdict])
    assert sentence(skipped) == "Skipped: already being bought — BTC-USD, SMA crossover"


@pytest.mark.parametrize(
    ("gate", "observed", "limit", "said", "most"),
    [
        (1, "ACTIVE", "", "trading is active", ""),
        (2, "active", "", "active", ""),
        (3, "BTC-USD", "", "BTC-USD", ""),
        (4, "51", "51", "51 candles seen", "at least 51"),
        (5, "20210.71", "1010.8212", "20,210.71 USD free", "at least 1,010.82 USD"),
        (6, "1", "2", "1 open or on their way", "at most 2 at once"),
        (7, "8.35", "250", "8.35 USD lost today", "less than 250.00 USD"),
        (8, "999.81", "10", "order of 999.81 USD", "at least 10.00 USD"),
        (9, "0", "0", "0 held", "none"),
        (100, "0.013", "", "0.013 held", ""),
        (100, "unknown", "", "unknown", ""),
    ],
)
def test_what_a_gate_saw_is_said_with_its_unit(
    gate: int, observed: str, limit: str, said: str, most: str
) -> None:
    line = gate_line(Verdict(gate, Status.PASSED, "", observed, limit), "USD")
    assert (line.observed, line.limit, line.answer) == (said, most, "Passed")


def test_a_refusal_has_its_meaning_and_its_code() -> None:
    line = gate_line(Verdict(6, Status.REFUSED, "MAX_POSITIONS", "2", "2"), "USD")
    assert line.answer == "Refused"
    assert line.meaning == "as many positions are open as the subscription allows"
    assert line.code == "MAX_POSITIONS"


def test_a_gate_that_lacked_a_fact_names_it() -> None:
    line = gate_line(Verdict(5, Status.REFUSED, "FACT_UNKNOWN", "free_cash", ""), "USD")
    assert line.observed == "not known: free cash"


def test_every_cap_that_may_cut_a_size_has_words() -> None:
    assert set(CAPS) == set(CapCode)


def test_every_gate_has_a_title() -> None:
    for gate in ENTRY_GATES + EXIT_GATES:
        line = gate_line(Verdict(gate.number, Status.PASSED, "", "1", "1"), "USD")
        assert line.title == gate.title
