"""What is counted and timed. Values add up over processes (prometheus_client's multi-process
files)."""

from prometheus_client import Counter, Gauge, Histogram

RUNS = Counter("nija_runs_total", "Strategy runs", ["status"])
SIGNALS = Counter("nija_signals_total", "Signals of strategy runs", ["action"])
DECISIONS = Counter("nija_decisions_total", "Decisions on signals", ["outcome", "code"])
ORDERS = Counter("nija_orders_total", "Orders written", ["mode", "leg"])
FILLS = Counter("nija_fills_total", "Fills recorded", ["mode"])
FAN_OUT_SECONDS = Histogram(
    "nija_fan_out_seconds", "From a version's signals to every decision and order committed",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
CANDLE_LAG_SECONDS = Gauge(
    "nija_candle_lag_seconds", "Venue's clock minus the candle last taken through the pipeline",
    ["venue"], multiprocess_mode="mostrecent",
)  # fmt: skip
UNDECIDED_CLOSES = Gauge(
    "nija_undecided_closes", "Closes whose candles orders have met, and about which not everything "
    "could be decided yet", ["venue"], multiprocess_mode="mostrecent",
)  # fmt: skip
UNMET_ACCOUNTS = Counter(
    "nija_unmet_accounts_total", "How often the orders of an account could not meet a candle, for "
    "a mistake of ours", ["venue"],
)  # fmt: skip
NAKED_SECONDS = Gauge(
    "nija_naked_seconds", "For how long the position that is naked the longest has been so, "
    "against the plan of its entry; 0 = none is",
    multiprocess_mode="mostrecent",
)  # fmt: skip
UNANSWERED_MINUTES = Gauge(
    "nija_unanswered_minutes", "For how long the order has had no answer that waits the longest",
    multiprocess_mode="mostrecent",
)  # fmt: skip
PLATFORM_EXPOSURE = Gauge(
    "nija_platform_exposure", "Worth of all positions as a share of all equity",
    ["mode", "currency"], multiprocess_mode="mostrecent",
)  # fmt: skip
FEED_IS_WELL = Gauge(
    "nija_feed_is_well", "1 while the feed of a live venue brings what it is asked for, else 0",
    ["venue"], multiprocess_mode="mostrecent",
)  # fmt: skip
FEED_FAILURES = Counter("nija_feed_failures_total", "Failed rounds of feeds", ["venue", "failure"])
