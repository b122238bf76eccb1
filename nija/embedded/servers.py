"""The two kinds of embedded server, by name."""

from nija.embedded.postgres import Postgres
from nija.embedded.station import Server, Station
from nija.embedded.valkey import Valkey


def server_of(station: Station) -> Server:
    """The server that lives at this station."""
    return Postgres(station) if station.name == "postgres" else Valkey(station)
