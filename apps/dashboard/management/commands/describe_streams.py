import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.dashboard.client import Close
from apps.dashboard.messages import CLIENT, EVENT_DATA, OF_BOTH, SERVER, Schema

PAGE = Path("docs/streams.md")
INTRODUCTION = """\
# Streams

Made by `manage.py describe_streams` from `apps/dashboard/messages.py`; a test holds it to that.

Two WebSockets tell a user's own account, one JSON object a message. Amounts are strings, times are
ISO 8601 and of the venue's clock; only a snapshot's and those of backtests are the wall's.

**Signing in.** A page of this host has its cookie. Anybody else sends
`{"type": "auth", "token": ACCESS_TOKEN}` first, within five seconds, and hears `auth_success`. The
socket is closed when the token expires: come back with a new one, and with `?after=`.

**Coming back.** `?after=SEQUENCE` goes on after that event, without a snapshot unless more than
1,000 were missed. `{"type": "ping"}` is answered by `{"type": "pong"}`.

## How to keep what you see

A snapshot and the events after it are always what a new snapshot would be:

1. Begin with the snapshot. Drop any event whose `sequence` is not above it.
2. `sequence` becomes that of each event. Events come without holes and without repeats. One whose
   `id` is in the snapshot's `included` changes nothing else: its fact was there before its turn.
3. `fill.recorded`: the position of (`subscription`, `instrument`) becomes `position`, or goes where
   its quantity is 0; `cash` is added to the cash of `account`; and the fill, with the event's `at`,
   goes before the other fills, of which the latest 50 are kept.
4. `money.deposited`: `amount` is added to the cash of `account`; `funding.charged`: `cash` is.
5. Other kinds change neither positions, nor cash, nor fills.
6. `orders` stands in place of all orders told before, `prices` and `trading_state` in place of what
   they name. They are in no sequence, and may be ahead of it.

What no event tells, a position's stop and target and an account's `reserved`, is as the last
snapshot has it. Pass over fields and kinds that you do not know.

## Why a socket is closed

"""
REASONS = {
    Close.BROKEN: "a mistake of ours",
    Close.TRY_AGAIN: "we cannot answer now: come back in a while",
    Close.NOT_SIGNED_IN: "nobody is signed in, or not any more",
    Close.TOO_SLOW: "256 messages waited to be read: come back with `?after=`",
}


class Command(BaseCommand):
    help = "Writes docs/streams.md from the schemas of the messages."

    def handle(self, *args: Any, **options: Any) -> None:
        (Path(settings.BASE_DIR) / PAGE).write_text(page())


def page() -> str:
    return INTRODUCTION + "\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    for close, reason in REASONS.items():
        yield f"- {int(close)}: {reason}"
    for path, messages in SERVER.items():
        yield f"\n## `{path}`"
        yield from _schemas({name: messages[name] for name in messages if name not in OF_BOTH})
    yield "\n## Both"
    yield from _schemas(OF_BOTH)
    yield "\n## Data of the events"
    yield from _schemas(EVENT_DATA)
    yield "\n## What a client says"
    yield from _schemas(CLIENT)


def _schemas(found: Mapping[str, Schema]) -> Iterator[str]:
    for name, schema in found.items():
        # The data of each kind of event have a section of their own.
        shown = {key: part for key, part in schema.items() if key != "allOf"}
        yield f"\n### `{name}`\n\n```json\n{json.dumps(shown)}\n```"
