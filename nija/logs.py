"""One way out for every log line: what is known of the moment is added, secrets are taken out, and
it is written as a line to read (a checkout) or as JSON (production).
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import structlog
from django.conf import settings
from structlog.typing import EventDict, Processor

from nija.request_context import add_user
from nija.scrubbing import Scrubber

# Django puts the request object there; its id and its user are said anyway.
NOISE = ("request", "_from_structlog", "_record", "taskName")


def config(level: str, *, as_json: bool, levels: dict[str, str]) -> dict[str, Any]:
    """For `LOGGING`. No logger but the root has a handler, or its lines would leave unscrubbed."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "as_json": as_json}},
        "handlers": {"console": {"class": "nija.logs.QuietStream", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            name: {"level": at, "handlers": [], "propagate": True} for name, at in levels.items()
        },
    }


class QuietStream(logging.StreamHandler[Any]):
    """To the standard error. A line that cannot be written is told without its arguments, which
    `logging` itself would print as they are.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        where = f"{record.pathname}:{record.lineno}"
        self.stream.write(f"ERROR {record.name}: a line of {where} could not be logged\n")


def formatter(*, as_json: bool) -> logging.Formatter:
    """For lines of `logging` and of structlog alike."""
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_user,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *[step for step in chain if not isinstance(step, structlog.stdlib.ExtraAdder)],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain, processors=[scrub, as_a_json if as_json else as_a_line]
    )


def scrub(_: Any, __: str, event: EventDict) -> EventDict:
    """The last look at everything that will be written."""
    for name in NOISE:
        event.pop(name, None)
    return scrubber().mapping(event)


@cache
def scrubber() -> Scrubber:
    """Knows this deployment's secrets by value."""
    urls = [str(getattr(settings, name, "")) for name in ("DATABASE_URL", "REDIS_URL")]
    passwords = [unquote(urlsplit(url).password or "") for url in urls]
    fallbacks = [str(key) for key in settings.SECRET_KEY_FALLBACKS]
    return Scrubber([settings.SECRET_KEY, *fallbacks, *passwords])


def as_a_json(_: Any, __: str, event: EventDict) -> str:
    return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS).decode()


def as_a_line(_: Any, __: str, event: EventDict) -> str:
    """`WARNING apps.events: what happened run=7 user_id=3`, and a traceback below it."""
    level, name, said = (event.pop(key, "") for key in ("level", "logger", "event"))
    event.pop("timestamp", None)  # who watches knows what time it is
    below = [str(event.pop(key)) for key in ("stack", "exception") if key in event]
    known = "".join(f" {key}={value}" for key, value in sorted(event.items()))
    return "\n".join([f"{str(level).upper()} {name}: {said}{known}", *below])
