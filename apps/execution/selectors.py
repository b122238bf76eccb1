"""What can be proved about the rows of execution."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection


class Hole(NamedTuple):
    """A subscription that was to get a decision on a signal and has none."""

    run_id: int
    signal_id: int
    subscription_id: int


def holes(limit: int = 1_000) -> list[Hole]:
    """Expected decisions that do not exist, oldest run first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run.id, signal.id, expected.subscription_id FROM strategies_run AS run "
            "JOIN strategies_signal AS signal ON signal.run_id = run.id "
            "CROSS JOIN LATERAL unnest(run.subscription_ids) AS expected(subscription_id) "
            "WHERE run.expected > 0 AND NOT EXISTS (SELECT FROM risk_decision AS made "
            "WHERE made.signal_id = signal.id "
            "AND made.subscription_id = expected.subscription_id) "
            "ORDER BY run.id, signal.id, expected.subscription_id LIMIT %s",
            [limit],
        )
        return [Hole(*row) for row in cursor.fetchall()]


# Each finds the rows that break one rule of the ledger; all are empty when money is conserved.
LEDGER_CHECKS: dict[str, str] = {
    "the postings of each entry sum to zero": (
        "SELECT 'entry ' || entry_id, sum(amount) FROM execution_posting "
        "GROUP BY entry_id, currency HAVING sum(amount) <> 0"
    ),
    "every entry has postings": (
        "SELECT 'entry ' || entry.id, 0 FROM execution_journalentry AS entry WHERE NOT EXISTS "
        "(SELECT FROM execution_posting WHERE entry_id = entry.id)"
    ),
    "every fill is in the journal once": (
        "SELECT 'fill ' || fill.id, count(entry.id) FROM execution_fill AS fill "
        "LEFT JOIN execution_journalentry AS entry ON entry.fill_id = fill.id "
        "GROUP BY fill.id HAVING count(entry.id) <> 1"
    ),
    "each account's cash is what its postings say": (
        "SELECT 'account ' || balance.account_id, balance.cash - coalesce(sum(posting.amount), 0) "
        "FROM execution_balance AS balance LEFT JOIN execution_posting AS posting "
        "ON posting.account_id = balance.account_id AND posting.currency = balance.currency "
        "AND posting.ledger_account = 'cash' GROUP BY balance.id "
        "HAVING balance.cash <> coalesce(sum(posting.amount), 0)"
    ),
    "each account's holdings cost what its positions cost": (
        "SELECT 'account ' || account.id, coalesce(held.amount, 0) - coalesce(cost.amount, 0) "
        "FROM brokers_brokeraccount AS account "
        "LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM execution_posting "
        "WHERE ledger_account = 'holdings' GROUP BY 1) AS held ON held.account_id = account.id "
        "LEFT JOIN (SELECT account_id, sum(cost) AS amount FROM execution_position GROUP BY 1) "
        "AS cost ON cost.account_id = account.id "
        "WHERE coalesce(held.amount, 0) <> coalesce(cost.amount, 0)"
    ),
    "each account's fees are those of its fills": (
        "SELECT 'account ' || account.id, coalesce(paid.amount, 0) - coalesce(fees.amount, 0) "
        "FROM brokers_brokeraccount AS account "
        "LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM execution_posting "
        "WHERE ledger_account = 'fees' GROUP BY 1) AS paid ON paid.account_id = account.id "
        "LEFT JOIN (SELECT account_id, sum(commission) AS amount FROM execution_fill GROUP BY 1) "
        "AS fees ON fees.account_id = account.id "
        "WHERE coalesce(paid.amount, 0) <> coalesce(fees.amount, 0)"
    ),
    "every funding is in the journal once": (
        "SELECT 'funding ' || funding.id, count(entry.id) FROM execution_funding AS funding "
        "LEFT JOIN execution_journalentry AS entry ON entry.funding_id = funding.id "
        "GROUP BY funding.id HAVING count(entry.id) <> 1"
    ),
    "each account's funding is that of its positions": (
        "SELECT 'account ' || account.id, coalesce(got.amount, 0) + coalesce(funding.amount, 0) "
        "FROM brokers_brokeraccount AS account "
        "LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM execution_posting "
        "WHERE ledger_account = 'funding' GROUP BY 1) AS got ON got.account_id = account.id "
        "LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM execution_funding GROUP BY 1) "
        "AS funding ON funding.account_id = account.id "
        "WHERE coalesce(got.amount, 0) + coalesce(funding.amount, 0) <> 0"
    ),
    "each position's funding is in its round trips": (
        "SELECT 'position ' || position.id, position.funding + coalesce(ended.amount, 0) "
        "- coalesce(charged.amount, 0) FROM execution_position AS position "
        "LEFT JOIN (SELECT position_id, sum(funding) AS amount FROM execution_trade GROUP BY 1) "
        "AS ended ON ended.position_id = position.id "
        "LEFT JOIN (SELECT position_id, sum(amount) AS amount FROM execution_funding GROUP BY 1) "
        "AS charged ON charged.position_id = position.id "
        "WHERE position.funding + coalesce(ended.amount, 0) <> coalesce(charged.amount, 0)"
    ),
    "each position is the sum of its fills": (
        "SELECT 'position ' || position.id, position.quantity - coalesce(filled.quantity, 0) "
        "FROM execution_position AS position LEFT JOIN "
        "(SELECT subscription_id, instrument_id, "
        "sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) AS quantity "
        "FROM execution_fill GROUP BY 1, 2) AS filled USING (subscription_id, instrument_id) "
        "WHERE position.quantity <> coalesce(filled.quantity, 0)"
    ),
    "each order is filled by what its fills sum to": (
        "SELECT 'order ' || placed.id, placed.filled_quantity - coalesce(sum(fill.quantity), 0) "
        "FROM execution_order AS placed LEFT JOIN execution_fill AS fill "
        "ON fill.order_id = placed.id GROUP BY placed.id "
        "HAVING placed.filled_quantity <> coalesce(sum(fill.quantity), 0)"
    ),
    "what is reserved is the sum of open reservations": (
        "SELECT 'account ' || balance.account_id, "
        "balance.reserved - coalesce(sum(kept.amount), 0) FROM execution_balance AS balance "
        "LEFT JOIN execution_reservation AS kept ON kept.account_id = balance.account_id "
        "AND kept.currency = balance.currency AND kept.released_at IS NULL GROUP BY balance.id "
        "HAVING balance.reserved <> coalesce(sum(kept.amount), 0)"
    ),
    "only open orders hold a reservation": (
        "SELECT 'order ' || placed.id, kept.amount FROM execution_reservation AS kept "
        "JOIN execution_order AS placed ON placed.id = kept.order_id "
        "WHERE kept.released_at IS NULL "
        "AND placed.status IN ('filled', 'canceled', 'expired', 'rejected', 'replaced', 'lost')"
    ),
}


def ledger_differences() -> Iterator[tuple[str, str, object]]:
    """(rule, what breaks it, by how much) for every difference, over every account."""
    with connection.cursor() as cursor:
        for rule, query in LEDGER_CHECKS.items():
            cursor.execute(query)
            for where, difference in cursor.fetchall():
                yield rule, where, difference
