"""The compiled path says what the event path says: every trade, decision and amount, exactly."""

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as examples

from tests.trading.compiled.histories import markets, settings, told
from trading.backtest import Market, Settings, backtest
from trading.compiled.running import pass_over
from trading.compiled.telling import result_of
from trading.compiled.tracks import track_of
from trading.compiled.units import NotExpressible

pytest.importorskip("numba")

PATIENT = examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_same(chosen: Settings, market: Market) -> None:
    track = track_of(market)
    compiled, expected = result_of(track, pass_over(track, chosen)), backtest(chosen, [market])
    assert told(compiled) == told(expected)
    for seen in {trip.exit_reason for trip in expected.trades} | {
        row.code or row.sized_down_by or row.outcome for row in expected.decisions
    }:
        event(seen)
    # The last bit of the one is rounded twice.
    np.testing.assert_array_max_ulp(compiled.equity, expected.equity, maxulp=1)


@PATIENT
@given(chosen=settings(), market=markets())
def test_both_paths_say_the_same(chosen: Settings, market: Market) -> None:
    try:
        assert_same(chosen, market)
    except NotExpressible as why:
        event(f"not expressible: {why}")
