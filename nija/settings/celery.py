"""Work in the background: the queues, the times, and backtests in a worker of their own."""

from datetime import timedelta

from celery.schedules import crontab

# Backtests that people ask for, in a worker of their own
BACKTEST_UNFINISHED = 3  # of one person at a time
BACKTEST_CANDLES = 1_000_000  # that the orders of one may meet
BACKTEST_TIME_LIMIT = timedelta(hours=1)

# Celery. JSON only; a message is acknowledged when its task is done, so that a dead worker loses
# none, and every task is harmless when it runs twice.
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = timedelta(minutes=5).total_seconds()
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than a task may run; what a killed worker had in hand comes back after this. So does
    # the message of a backtest that takes longer, and finds that it is taken.
    "visibility_timeout": int(timedelta(minutes=6).total_seconds()),
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,  # look every 10 s, not every 100 s
    # Who sends a task waits for Valkey neither 6 s when it is down nor for ever when it hangs.
    "max_retries": 0,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "background"
CELERY_TASK_ROUTES = {
    # What watches over positions waits for no candle: a worker of its own.
    "apps.execution.tasks.look_after_positions": {"queue": "exits"},
    "apps.execution.tasks.*": {"queue": "trade"},
    "apps.research.tasks.run_backtest": {"queue": "research"},  # long: a worker of its own
}
CELERY_TASK_ANNOTATIONS = {
    # It keeps to BACKTEST_TIME_LIMIT by itself; this ends one that cannot.
    "apps.research.tasks.run_backtest": {
        "time_limit": (BACKTEST_TIME_LIMIT + timedelta(minutes=5)).total_seconds()
    }
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "close-candles": {
        "task": "apps.execution.tasks.close_due_candles",
        "description": "Takes the candles of real markets through the pipeline. "
        "Without it nothing is decided.",
        "schedule": crontab(),  # every minute, aligned to it
        "options": {"expire_seconds": 50},  # the next one catches up
    },
    "recovery-sweep": {
        "task": "apps.execution.tasks.sweep",
        "description": "Finishes what a crash left half done. "
        "Without it holes and unsent orders stay.",
        "schedule": timedelta(seconds=5),
        "options": {"expire_seconds": 5},
    },
    "look-after-positions": {
        "task": "apps.execution.tasks.look_after_positions",
        "description": "Watches the stops that no venue holds, and repairs stops that are lost. "
        "Without it positions may stay unprotected.",
        "schedule": timedelta(seconds=5),
        "options": {"expire_seconds": 5},
    },
    "resume-backtests": {
        "task": "apps.research.tasks.resume_lost",
        "description": "Takes up backtests whose worker is gone. Without it they stay as they are.",
        "schedule": timedelta(seconds=15),
        "options": {"expire_seconds": 15},
    },
    "relay": {
        "task": "apps.events.tasks.relay",
        "description": "Seals and sends events that no message announced. "
        "Without it people hear late or never.",
        "schedule": timedelta(seconds=5),
        "options": {"expire_seconds": 5},
    },
    "forget-sessions": {
        "task": "apps.accounts.tasks.forget_expired_sessions",
        "description": "Deletes sign-ins by tokens that have expired. Without it they pile up.",
        "schedule": crontab(hour="3", minute="17"),
    },
}
