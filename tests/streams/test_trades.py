"""`/ws/trades`: orders and fills, as they come."""

from apps.accounts.models import User
from apps.events.services.relay import relay
from apps.execution.models import Order
from tests import fakes
from tests.fakes import MONDAY, World
from tests.streams.telling import deposit
from tests.streams.web import Web

TRADES = "/ws/trades"


def test_it_begins_with_what_is_open_and_what_was_filled(web: Web, world: World) -> None:
    world.play(*fakes.QUIET, fakes.JUMP, "102.5", first=MONDAY)
    relay()

    with web.socket(world.alice, path=TRADES) as socket:
        snapshot = socket.next()

    assert snapshot["type"] == "snapshot"
    assert {order["leg"] for order in snapshot["orders"]} == {"stop", "target"}
    assert {order["symbol"] for order in snapshot["orders"]} == {"BTC-USD"}
    (fill,) = snapshot["fills"]
    entry = Order.objects.get(leg="entry")
    assert (fill["order"], fill["leg"], fill["price"]) == (entry.client_order_id, "entry", "102.5")
    assert fill["at"].startswith("2026-06-01T00:05")


def test_an_order_is_told_when_it_opens_and_when_it_is_gone(web: Web, world: World) -> None:
    relay()
    with web.socket(world.alice, path=TRADES) as socket:
        assert socket.next()["orders"] == []
        assert socket.next("orders")["orders"] == []

        moment = world.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
        relay()
        assert socket.next("event")["kind"] == "decision.made"
        (entry,) = socket.next("orders")["orders"]
        assert (entry["leg"], entry["status"]) == ("entry", "accepted")

        moment = world.play("102.5", first=moment)
        relay()
        fill = socket.next("event")
        assert (fill["kind"], fill["data"]["order"]) == ("fill.recorded", entry["order"])
        legs = socket.next("orders")["orders"]
        assert {order["leg"] for order in legs} == {"stop", "target"}

        world.play(("101", "101", "98", "98"), first=moment)
        relay()
        assert socket.next("event")["data"]["leg"] == "stop"
        assert socket.next("orders")["orders"] == []


def test_prices_are_told_on_the_other_stream_only(web: Web, world: World) -> None:
    with (
        web.socket(world.alice, path=TRADES) as trades,
        web.socket(world.alice) as positions,
    ):
        for socket in (trades, positions):
            socket.next("snapshot")
        world.play("100", first=MONDAY)
        relay()
        assert positions.next("prices")
        deposit(world.alice)
        assert trades.next("prices", "event")["type"] == "event"


def test_everybody_hears_of_their_own(web: Web, alice: User, bob: User) -> None:
    relay()
    with web.socket(bob, path=TRADES) as his:
        his.next("snapshot")
        deposit(alice)
        assert his.hears_nothing()


def test_it_goes_on_from_a_sequence(web: Web, world: World) -> None:
    relay()
    with web.socket(world.alice, path=TRADES) as socket:
        start = socket.next()["sequence"]
    world.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    relay()

    with web.socket(world.alice, after=start, path=TRADES) as socket:
        first = socket.next()
        assert (first["type"], first["sequence"]) == ("event", start + 1)
        (entry,) = socket.next("orders")["orders"]
        assert entry["leg"] == "entry"


def test_nobody_is_signed_in_without_saying_who(web: Web, alice: User) -> None:
    with web.socket(None, path=TRADES) as socket:
        assert socket.close_code() == 4401
