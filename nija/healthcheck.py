"""`python -m nija.healthcheck [PATH]`: asks the web server of this container; 0 = it can serve.

By the name that the server answers to, which is not the address that it is asked at.
"""

from __future__ import annotations

import http.client
import sys

from nija.settings import env

PATIENCE_SECONDS = 4.0
OK = 200


def main(path: str = "/ready") -> int:
    """The exit code; what is wrong goes to the standard error."""
    hosts = env.names("ALLOWED_HOSTS", "localhost")
    asked = http.client.HTTPConnection(
        "127.0.0.1", env.port("PORT", 8000), timeout=PATIENCE_SECONDS
    )
    try:
        asked.request("GET", path, headers={"Host": hosts[0].lstrip(".")})
        answer = asked.getresponse()
        said = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"no answer: {error}\n")
        return 1
    finally:
        asked.close()
    if answer.status != OK:
        sys.stderr.write(f"{answer.status}: {said}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
