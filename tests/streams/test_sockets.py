"""The streams on real parts: daphne, Valkey, PostgreSQL and a WebSocket client."""

from decimal import Decimal

import pytest
from websockets.exceptions import InvalidStatus

from apps.accounts.models import User
from apps.events.services.relay import relay
from apps.risk import services as risk
from tests import fakes
from tests.events.recordings import record
from tests.fakes import MONDAY, World
from tests.streams.telling import deposit
from tests.streams.web import Web


def test_the_first_message_is_all_there_is(web: Web, world: World) -> None:
    world.play(*fakes.QUIET, fakes.JUMP, "102.5", first=MONDAY)
    relay()

    with web.socket(world.alice) as socket:
        snapshot = socket.next()

    assert snapshot["type"] == "snapshot"
    assert snapshot["trading_state"] == "ACTIVE"
    (account,) = snapshot["accounts"]
    assert account["id"] == world.account.pk
    assert (account["mode"], account["currency"]) == ("paper", "USD")
    (position,) = snapshot["positions"]
    assert position["symbol"] == "BTC-USD"
    assert position["subscription"] == world.subscription.pk
    assert position["last"] == "102.5"
    worth = Decimal(position["quantity"]) * Decimal("102.5") - Decimal(position["cost"])
    assert Decimal(position["unrealised_pnl"]) == worth
    assert Decimal(account["cash"]) < 100_000
    assert Decimal(position["stop"]) < Decimal(position["last"]) < Decimal(position["target"])


def test_what_happens_after_the_snapshot_follows_in_sequence(web: Web, world: World) -> None:
    relay()

    with web.socket(world.alice) as socket:
        start = socket.next()["sequence"]
        world.play(*fakes.QUIET, fakes.JUMP, "102.5", first=MONDAY)
        relay()
        decision, fill = socket.next("event"), socket.next("event")

    assert [decision["sequence"], fill["sequence"]] == [start + 1, start + 2]
    assert (decision["kind"], decision["data"]["outcome"]) == ("decision.made", "ordered")
    assert (fill["kind"], fill["data"]["leg"]) == ("fill.recorded", "entry")
    assert isinstance(fill["data"]["price"], str)
    assert fill["at"].startswith("2026-06-01T00:0")


def test_everybody_hears_their_own_events_only(web: Web, alice: User, bob: User) -> None:
    deposit(bob)
    with web.socket(alice) as hers, web.socket(bob) as his:
        snapshots = hers.next("snapshot"), his.next("snapshot")
        start = snapshots[0]["sequence"]
        assert snapshots[1]["sequence"] == start, "or hers would not follow his in any case"
        assert snapshots[0]["accounts"][0]["id"] != snapshots[1]["accounts"][0]["id"]

        deposit(alice, 3)

        assert hers.events(3) == [start + 1, start + 2, start + 3]
        assert his.hears_nothing()


def test_whoever_is_not_signed_in_is_closed_with_a_code_to_read(web: Web, alice: User) -> None:
    with web.socket(None) as socket:
        assert socket.close_code() == 4401


def test_a_page_of_another_site_is_refused(web: Web, alice: User) -> None:
    with pytest.raises(InvalidStatus) as refused, web.socket(alice, origin="http://evil.example"):
        pass

    assert refused.value.response.status_code == 403


def test_texts_of_every_length_arrive_whole(web: Web, alice: User) -> None:
    relay()
    with web.socket(alice) as socket:
        socket.next("snapshot")
        for length in (1, 10_000, 70_000):
            record(alice, note="ü€" * length)
            relay()
            assert socket.next("event")["data"]["note"] == "ü€" * length


def test_a_ping_is_answered(web: Web, alice: User) -> None:
    with web.socket(alice) as socket:
        socket.connection.send("not json")
        socket.connection.send('["ping"]')
        socket.connection.send('{"type": "ping"}')

        assert socket.next("pong") == {"type": "pong"}


def test_closed_candles_reach_everybody_without_a_sequence(
    web: Web, world: World, bob: User
) -> None:
    with web.socket(bob) as socket:
        socket.next("snapshot")
        world.play(("100", "103", "99", "101.5"), first=MONDAY)
        relay()
        prices = socket.next("prices")

    assert prices == {
        "type": "prices",
        "venue": "lab",
        "time": "2026-06-01T00:01:00+00:00",
        "timeframe": "1m",
        "prices": {"BTC-USD": "101.5"},
        "candles": {
            "BTC-USD": {
                "time": int(MONDAY.timestamp()),
                "open": 100.0,
                "high": 103.0,
                "low": 99.0,
                "close": 101.5,
                "volume": 1000.0,
            }
        },
    }


def test_the_platforms_kill_switch_reaches_everybody(web: Web, alice: User, bob: User) -> None:
    with web.socket(alice) as hers, web.socket(bob) as his:
        for socket in (hers, his):
            socket.next("snapshot")
        risk.trip(by="olga", reason="drill", now=MONDAY)
        relay()
        told = [socket.next("trading_state") for socket in (hers, his)]
        risk.reset(by="olga", reason="over", now=MONDAY)
        relay()
        ended = his.next("trading_state")

    assert told == [{"type": "trading_state", "scope": "platform", "state": "HALTED"}] * 2
    assert ended["state"] == "ACTIVE"


def test_a_strategys_kill_switch_reaches_who_follows_it(web: Web, world: World, bob: User) -> None:
    with web.socket(world.alice) as hers, web.socket(bob) as his:
        for socket in (hers, his):
            socket.next("snapshot")
        risk.trip(by="olga", reason="drill", now=MONDAY, strategy=world.version.strategy)
        relay()
        told = hers.next("trading_state")
        risk.trip(by="olga", reason="drill", now=MONDAY)
        relay()
        first_of_his = his.next("trading_state")

    assert told["scope"] == "strategy"
    assert (told["strategy"], told["state"]) == ("sma_crossover", "HALTED")
    assert first_of_his["scope"] == "platform"


def test_the_switch_of_a_venue_or_an_instrument_reaches_who_trades_there(
    web: Web, world: World, bob: User
) -> None:
    with web.socket(world.alice) as hers, web.socket(bob) as his:
        for socket in (hers, his):
            socket.next("snapshot")
        risk.trip(by="olga", reason="drill", now=MONDAY, venue=world.venue)
        relay()
        of_venue = hers.next("trading_state")
        risk.trip(by="olga", reason="drill", now=MONDAY, instrument=world.instrument)
        relay()
        of_instrument = hers.next("trading_state")
        risk.trip(by="olga", reason="drill", now=MONDAY)
        relay()
        first_of_his = his.next("trading_state")

    venue = world.venue.code
    told = {"type": "trading_state", "state": "HALTED", "venue": venue}
    assert of_venue == {**told, "scope": "venue"}
    assert of_instrument == {
        **told, "scope": "instrument", "symbol": world.instrument.symbol
    }  # fmt: skip
    assert first_of_his["scope"] == "platform"


def test_a_users_own_kill_switch_is_in_the_users_chain(web: Web, alice: User, bob: User) -> None:
    relay()
    with web.socket(alice) as hers, web.socket(bob) as his:
        for socket in (hers, his):
            socket.next("snapshot")
        risk.trip(by="alice", reason="enough", now=MONDAY, user=alice)
        relay()

        event = hers.next("event")
        assert (event["kind"], event["data"]["scope"]) == ("kill_switch.tripped", "user")
        assert his.hears_nothing()
