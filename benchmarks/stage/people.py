"""Many subscribers at once."""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan, Subscription
from trading.plans import PlatformPlan


def populate(venue: str, version_id: int, count: int, at: datetime) -> None:
    """N people on Pro, with an account of 100,000 and a subscription each, as a deposit would leave
    them; `at` is on the venue's clock. Pro, for Free has too few trades for a day of rounds.
    """
    plans.publish()
    pro = Plan.objects.get(code=PlatformPlan.PRO, is_sold=True)
    with transaction.atomic(), connection.cursor() as cursor:
        _open_accounts(cursor, venue, count)
        _deposit(cursor, at)
        cursor.execute(
            "INSERT INTO strategies_strategysubscription "
            "(user_id, version_id, account_id, mode, is_paused, created_at) "
            "SELECT user_id, %s, id, mode, false, now() FROM brokers_brokeraccount",
            [version_id],
        )
        cursor.execute(
            f"INSERT INTO {Subscription._meta.db_table} "
            "(user_id, plan_id, status, started_at, given_by, reason) "
            "SELECT id, %s, 'active', now(), 'benchmark', 'a part of it' FROM accounts_user",
            [pro.pk],
        )
        for table in ("accounts_user", "execution_balance", "strategies_strategysubscription"):
            cursor.execute(f"ANALYZE {table}")


def _open_accounts(cursor: CursorWrapper, venue: str, count: int) -> None:
    cursor.execute(
        "INSERT INTO accounts_user (email, password, name, is_superuser, is_active, is_staff, "
        "is_demo, date_joined) SELECT 'n' || n || '@bench.example', '!', '', false, true, "
        "false, false, now() FROM generate_series(1, %s) AS n",
        [count],
    )
    cursor.execute(
        "INSERT INTO brokers_brokeraccount (user_id, venue_id, name, mode, currency, "
        "paper_slippage_bps, created_at) SELECT id, %s, 'Paper', 'paper', 'USD', 5, now() "
        "FROM accounts_user ORDER BY id",
        [venue],
    )


def _deposit(cursor: CursorWrapper, at: datetime) -> None:
    cursor.execute(
        "INSERT INTO execution_balance (user_id, account_id, mode, currency, cash, reserved) "
        "SELECT user_id, id, mode, currency, 100000, 0 FROM brokers_brokeraccount"
    )
    cursor.execute(
        "INSERT INTO execution_journalentry (user_id, account_id, kind, mode, happened_at) "
        "SELECT user_id, id, 'deposit', mode, %s FROM brokers_brokeraccount",
        [at],
    )
    cursor.execute(
        "INSERT INTO execution_posting "
        "(user_id, entry_id, account_id, mode, ledger_account, currency, amount) "
        "SELECT user_id, id, account_id, mode, line.name, 'USD', line.amount "
        "FROM execution_journalentry, "
        "(VALUES ('cash', 100000), ('deposits', -100000)) AS line(name, amount)"
    )
