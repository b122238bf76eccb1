"""What every log line inside a block carries: `with logs.bound(run=run.pk): …`."""

from structlog.contextvars import bound_contextvars as bound

__all__ = ["bound"]
