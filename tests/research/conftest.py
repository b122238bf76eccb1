from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def nothing_trips() -> Iterator[None]:
    """Backtests have every gate and no switch: what would trip by itself is left as it is. Where a
    switch was tripped, `manage.py parity` names it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.execution.services.halting.trip_found", lambda *_, **__: 0)
        yield
