"""What docs/deploy.md says of poolers is what the code does."""

from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parents[2]


def _which_say(words: tuple[str, ...]) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for folder in ("apps", "nija")
        for path in (ROOT / folder).rglob("*.py")
        if any(word in path.read_text() for word in words)
    }


def test_only_closing_candles_and_relaying_need_a_session() -> None:
    assert _which_say(("session_lock",)) == {
        "apps/common/locks.py",
        "apps/events/services/relay.py",
        "apps/execution/services/closes.py",
    }
    assert _which_say(("pg_advisory_lock(", "pg_try_advisory_lock(")) == {"apps/common/locks.py"}


def test_neither_is_done_by_a_view_an_admin_page_or_a_stream() -> None:
    closers = _which_say(("close_candles", "one_closer("))
    assert closers == {
        "apps/execution/draining.py",
        "apps/execution/feeding.py",
        "apps/execution/live_feeding.py",
        "apps/execution/pipeline.py",
        "apps/execution/recovery.py",
        "apps/execution/services/closes.py",
        "apps/execution/tasks.py",
    }
    swept = _which_say(("recovery.sweep", "recovery.redrive_holes", "relay_all("))
    assert swept == {
        "apps/events/tasks.py",
        "apps/execution/management/commands/check_completeness.py",
        "apps/execution/tasks.py",
    }


def test_nobody_listens_or_keeps_state_in_a_session() -> None:
    assert _which_say(("LISTEN ", "SET SESSION", "PREPARE ")) == set()
    assert _which_say(("CREATE TEMP",)) == _which_say(("ON COMMIT DROP",))


def test_no_statement_is_prepared(db: None) -> None:
    """A pooler would hand the next transaction a connection that does not know it."""
    connection.ensure_connection()
    assert connection.connection.prepare_threshold is None
