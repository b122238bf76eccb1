"""Every answer in a sentence, with the observed value and the limit."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.dashboard.order_words import STATUSES
from apps.dashboard.words import OUTCOMES, Told, entries_in_words, sentence
from apps.risk.gate_lines import gate_line
from apps.risk.sayings import in_currency
from trading.gates import ENTRY_GATES, EXIT_GATES
from trading.gates.authors import AUTHORS, CAPS, cap
from trading.gates.bounds import Source
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
    quote="USD",
    price_places=2,
    strategy="SMA crossover",
    quantity=Decimal("0.013"),
    verdicts=[],
    order_status=OrderStatus.FILLED,
    filled_quantity=Decimal("0.01300"),
    filled_price=Decimal("61204.5"),
)

# The gates whose limit only one can have set.
GATES = {
    GateCode.INSUFFICIENT_WARMUP: 4,
    GateCode.MAX_POSITIONS: 6,
    GateCode.DAILY_LOSS_LIMIT: 7,
    GateCode.NOTIONAL_BELOW_MINIMUM: 8,
    GateCode.QUANTITY_BELOW_MINIMUM: 8,
    GateCode.ASSET_CLASS_BUDGET: 36,
}
# What a gate stores (observed, limit) when it refuses with the code, and what people read.
REFUSALS = {
    GateCode.TRADING_HALTED: ("HALTED", "ACTIVE", "trading is halted"),
    GateCode.TRADING_REDUCING: ("REDUCING", "ACTIVE", "only closing is allowed now"),
    GateCode.SUBSCRIPTION_PAUSED: ("paused", "active", "the subscription is paused"),
    GateCode.WATCH_ONLY: ("watch", "automatic", "the subscription only watches"),
    GateCode.APPROVAL_NEEDED: ("approve", "automatic", "its owner approves each entry"),
    GateCode.DECIDING_FAILED: (
        "nothing is opened", "",
        "an error of ours kept us from deciding; nothing is opened",
    ),
    GateCode.SYMBOL_NOT_ALLOWED: (
        "BTC-USD", "",
        "BTC-USD is not among this subscription's instruments",
    ),
    GateCode.SHORT_NOT_AVAILABLE: (
        "BTC-USD", "", "BTC-USD cannot be sold short on this account",
    ),
    GateCode.INSTRUMENT_NOT_TRADING: (
        "halted", "trading", "the venue has stopped trading in this instrument",
    ),
    GateCode.MARKET_CLOSED: ("closed", "open", "the market is closed"),
    GateCode.CURRENCY_MISMATCH: ("USD", "EUR", "paid in USD, the account holds EUR"),
    GateCode.INSUFFICIENT_WARMUP: (
        "12", "51",
        "12 candles seen, 51 are needed to warm up (set by the strategy)",
    ),
    GateCode.INSUFFICIENT_BALANCE: ("12.5", "20.4", "12.50 USD free, 20.40 USD needed"),
    GateCode.MAX_POSITIONS: (
        "3", "3",
        "positions open or on their way: 3, at most 3 at once (set by the subscription)",
    ),
    GateCode.DAILY_LOSS_LIMIT: (
        "52.1", "50",
        "the subscription lost 52.10 USD today, less than 50.00 USD is allowed "
        "(set by the subscription): resumes at 00:00 UTC",
    ),
    GateCode.NOTIONAL_BELOW_MINIMUM: (
        "4.2", "10",
        "order of 4.20 USD, minimum 10.00 USD (set by the venue)",
    ),
    GateCode.QUANTITY_BELOW_MINIMUM: (
        "0.0001", "0.01",
        "quantity 0.0001, minimum 0.01 (set by the venue)",
    ),
    GateCode.DUPLICATE_SIGNAL: ("0.013", "0", "already held"),
    GateCode.NO_POSITION: ("0", "", "nothing to close"),
    GateCode.EXIT_ALREADY_WORKING: ("0.013", "", "already being closed"),
    GateCode.FACT_UNKNOWN: ("free_cash", "", "not known: the free cash"),
    GateCode.NO_CAPITAL: (
        "0", "0",
        "capital of 0.00 USD, more than 0.00 USD is needed",
    ),
    GateCode.TIER_DEADLOCK: (
        "280", "285.72 or more",
        "no order is possible with a capital of 280.00 USD, it takes 285.72 USD or more",
    ),
    GateCode.NOTIONAL_EXCEEDS_MAX_PER_ORDER: (
        "76", "75",
        "order of 76.00 USD, at most 75.00 USD",
    ),
    GateCode.POSITION_SHARE_TOO_LARGE: (
        "71", "70",
        "order of 71.00 USD, at most 70.00 USD of this account",
    ),
    GateCode.ACCOUNT_MAX_POSITIONS: (
        "3", "3",
        "positions open in the account: 3, at most 3",
    ),
    GateCode.USER_MAX_POSITIONS: (
        "3", "3",
        "positions open in all accounts: 3, at most 3",
    ),
    GateCode.DRAWDOWN_LIMIT: (
        "0.2", "0.2",
        "20\u00a0% below the highest equity, less than 20\u00a0% is allowed",
    ),
    GateCode.ACCOUNT_DAILY_LOSS: (
        "0.031204", "0.03",
        "the account lost 3.12\u00a0% today, less than 3\u00a0% is allowed: resumes at 00:00 UTC",
    ),
    GateCode.DAILY_LOSS_MONEY: (
        "50", "50",
        "losing trades lost 50.00 USD today, less than 50.00 USD is allowed: resumes at 00:00 UTC",
    ),
    GateCode.WEEKLY_LOSS: (
        "0.1", "0.1",
        "the account lost 10\u00a0% this week, less than 10\u00a0% is allowed: "
        "resumes on Monday at 00:00 UTC",
    ),
    GateCode.CONSECUTIVE_LOSSES: (
        "5", "5",
        "trades lost in a row: 5, fewer than 5 are allowed",
    ),
    GateCode.VOLATILITY_TOO_HIGH: (
        "80.01", "80",
        "volatility 80.01, at most 80",
    ),
    GateCode.BLACK_SWAN: (
        "96", "95",
        "volatility 96, above 95 everything new is stopped",
    ),
    GateCode.EXCEEDS_AVAILABLE_CAPITAL: (
        "60", "50",
        "order of 60.00 USD, 50.00 USD of the capital is left",
    ),
    GateCode.DAILY_TRADES: (
        "100", "100",
        "trades today: 100, at most 100: resumes at 00:00 UTC",
    ),
    GateCode.API_ERRORS: (
        "5", "5",
        "errors of the venue: 5, fewer than 5 are allowed",
    ),
    GateCode.PLAN_FORBIDS_LIVE: (
        "live", "",
        "the plan is for paper trading only",
    ),
    GateCode.PAYMENT_OVERDUE: (
        "overdue", "paid",
        "the plan is not paid: positions may be closed, none opened",
    ),
    GateCode.PRICE_COLLAR: (
        "2.5", "2",
        "2.5 USD away from the market, at most 2 USD",
    ),
    GateCode.STALE_SIGNAL: (
        "61", "60",
        "the signal is 61 seconds old, at most 60",
    ),
    GateCode.STALE_MARKET_DATA: (
        "3", "2",
        "the latest price is 3 candles old, at most 2",
    ),
    GateCode.PRICE_DRIFTED: (
        "2.01", "2",
        "the price moved by 2.01 USD since the signal, at most 2 USD",
    ),
    GateCode.DUPLICATE_ORDER: (
        "1", "0",
        "the same order was written moments ago",
    ),
    GateCode.SPREAD_TOO_WIDE: (
        "0.2", "0.1",
        "bid and ask are 0.2 USD apart, at most 0.1 USD",
    ),
    GateCode.RATE_LIMIT_EXCEEDED: (
        "24", "24",
        "messages within a minute: 24, at most 24",
    ),
    GateCode.CORRELATED_EXPOSURE: (
        "260", "250",
        "260.00 USD would be in what moves together, at most 250.00 USD",
    ),
    GateCode.TOTAL_EXPOSURE: (
        "810", "800",
        "810.00 USD would be in positions, at most 800.00 USD",
    ),
    GateCode.REGIME_BLOCKED: (
        "blocked", "allowed",
        "the strategy does not trade in the market there is now",
    ),
    GateCode.OUTSIDE_TRADING_WINDOW: (
        "closed", "2026-06-01 08:00 UTC",
        "outside the trading window: resumes at 2026-06-01 08:00 UTC",
    ),
    GateCode.COOLDOWN_ACTIVE: (
        "2026-06-01 00:05 UTC", "2026-06-01 01:00 UTC",
        "closed by hand: resumes at 2026-06-01 01:00 UTC",
    ),
    GateCode.ASSET_CLASS_BUDGET: (
        "500", "400",
        "500.00 USD would be in instruments of this kind, at most 400.00 USD (set by "
        "the allocation)",
    ),
    GateCode.OPPOSITE_ON_ACCOUNT: (
        "0.5", "0",
        "another subscription holds 0.5 the other way on this account",
    ),
    GateCode.SIZE_ABOVE_CAP: (
        "2", "1.5",
        "size 2, at most 1.5",
    ),
}  # fmt: skip


def test_a_cap_in_units_is_said_to_eight_places_and_never_as_more_than_it_is() -> None:
    cap_in_units = "0.01840748647342620461739559143"
    verdict = Verdict(18, Status.REFUSED, GateCode.SIZE_ABOVE_CAP.value, "0.09209", cap_in_units)
    line = gate_line(verdict, in_currency("USD"))

    assert (line.observed, line.limit) == ("size 0.09209", "at most 0.01840748")


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
        (OrderStatus.CANCELED, "", "the order was cancelled"),
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


def test_every_status_of_an_order_and_every_outcome_has_words() -> None:
    assert set(STATUSES) == set(OrderStatus)
    assert set(OUTCOMES) == set(Outcome)
    assert not any("_" in words for words in (*STATUSES.values(), *OUTCOMES.values()))


def test_what_came_of_the_signals_of_a_backtest_is_in_words() -> None:
    told = {"signals": 12, "ordered": 8, "refused": {"DAILY_TRADES": 3, "NO_MORE": 1},
            "cut_down": {"SHARE:tier": 8}}  # fmt: skip
    assert entries_in_words(told) == (
        "12, of them 8 ordered. "
        "Refused: as many trades were made today as are allowed (3); no more (1). "
        "Cut down by: the share of the account that one order may take, set by the capital tier (8)"
    )
    nothing = {"signals": 2, "ordered": 2, "refused": {}, "cut_down": {}}
    assert entries_in_words(nothing) == "2, of them 2 ordered"


def test_every_code_is_among_these_examples() -> None:
    assert set(REFUSALS) == set(GateCode)


@pytest.mark.parametrize("code", list(GateCode))
def test_every_code_is_said_with_its_numbers(code: GateCode) -> None:
    observed, limit, words = REFUSALS[code]
    verdicts = [
        Verdict(2, Status.PASSED, "", "active", ""),
        Verdict(GATES.get(code, 1), Status.REFUSED, code.value, observed, limit),
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
        (4, "51", "51", "51 candles seen", "51 are needed to warm up"),
        (5, "20210.71", "1010.8212", "20,210.71 USD free", "1,010.82 USD needed"),
        (6, "1", "2", "positions open or on their way: 1", "at most 2 at once"),
        (
            7,
            "8.35",
            "250",
            "the subscription lost 8.35 USD today",
            "less than 250.00 USD is allowed",
        ),
        (8, "999.81", "10", "order of 999.81 USD", "minimum 10.00 USD"),
        (9, "0", "0", "0 held", "none"),
        (100, "0.013", "", "0.013 held", ""),
        (100, "unknown", "", "unknown", ""),
    ],
)
def test_what_a_gate_saw_is_said_with_its_unit(
    gate: int, observed: str, limit: str, said: str, most: str
) -> None:
    line = gate_line(Verdict(gate, Status.PASSED, "", observed, limit), in_currency("USD"))
    assert (line.observed, line.limit, line.answer) == (said, most, "Passed")


def test_a_refusal_has_its_meaning_and_its_code() -> None:
    line = gate_line(Verdict(6, Status.REFUSED, "MAX_POSITIONS", "2", "2"), in_currency("USD"))
    assert line.answer == "Refused"
    assert line.meaning == "as many positions are open as the subscription allows"
    assert line.code == "MAX_POSITIONS"


def test_a_gate_that_lacked_a_fact_names_it() -> None:
    line = gate_line(
        Verdict(5, Status.REFUSED, "FACT_UNKNOWN", "free_cash", ""), in_currency("USD")
    )
    assert line.observed == "not known: the free cash"


def test_every_cap_that_may_cut_a_size_has_words() -> None:
    assert set(CAPS) == set(CapCode)


def test_a_cap_is_said_with_who_set_it() -> None:
    assert cap("SHARE:tier") == (
        "the share of the account that one order may take, set by the capital tier"
    )
    assert cap("FREE_CASH") == "the free cash of the account"
    assert set(AUTHORS) == set(Source)


def test_every_gate_has_a_title() -> None:
    for gate in ENTRY_GATES + EXIT_GATES:
        line = gate_line(Verdict(gate.number, Status.PASSED, "", "1", "1"), in_currency("USD"))
        assert line.title == gate.title


@pytest.mark.parametrize(
    ("approval", "code", "said"),
    [
        ("waiting", "", "Waits for your approval"),
        ("declined", "", "Declined by you"),
        ("expired", "", "Expired before you approved it"),
        ("approved", "PRICE_DRIFTED",
         "Approved, then not ordered: the price has run away since the signal"),
    ],
)  # fmt: skip
def test_what_waits_for_its_owner_says_what_came_of_it(approval: str, code: str, said: str) -> None:
    deferred = replace(
        BOUGHT, outcome=Outcome.DEFERRED, order_status=None, filled_quantity=None,
        filled_price=None, approval=approval, approval_code=code,
    )  # fmt: skip
    assert sentence(deferred) == f"{said} — BTC-USD, SMA crossover"


def test_what_was_approved_and_bought_reads_as_bought() -> None:
    deferred = replace(BOUGHT, outcome=Outcome.DEFERRED, approval="approved")
    assert sentence(deferred) == sentence(BOUGHT)
