"""PostgreSQL and Valkey from wheels, started by whoever needs them, gone with the last user.

Every process that uses the servers calls `ensure` and holds a shared lock until it ends, however
it ends. The one that finds a server down starts a *keeper* (see `keeper`), which runs the server
until nobody holds the lock any more. Data live in the private folder `var` of the checkout.
"""

from nija.embedded.errors import EmbeddedServerError
from nija.embedded.station import Profile, ServerName
from nija.embedded.use import BOTH, address, are_alive, ensure, release, reset

__all__ = [
    "BOTH",
    "EmbeddedServerError",
    "Profile",
    "ServerName",
    "address",
    "are_alive",
    "ensure",
    "release",
    "reset",
]
