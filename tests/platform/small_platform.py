"""A platform of tiny parts under the real supervisor: `small_platform.py FOLDER PART…`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from nija import processes
from nija.settings import env
from nija.supervisor import Part, Supervisor, supervising

READY = re.compile("^up")
# Each part gets ready, then writes its process id into a file of its name and says that it is up.
BEGINNING = """
import os, pathlib, signal, subprocess, sys, time
def end(*_):
    print("says bye", flush=True)
    sys.exit(0)
def is_up():
    pathlib.Path(sys.argv[0]).with_name({name!r}).write_text(str(os.getpid()))
    print("up", flush=True)
"""
BODIES = {
    "steady": "signal.signal(signal.SIGTERM, end); is_up(); time.sleep(60)",
    "mortal": "is_up(); sys.exit(3)",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN); is_up(); time.sleep(60)",
    "parent": """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[0]).with_name("grandchild").write_text(str(child.pid))
is_up()
time.sleep(60)
""",
}


def main(folder: Path, names: list[str]) -> None:
    if "leashed" in names:  # what other systems than Linux use
        names.remove("leashed")
        processes.IS_LINUX = False
    supervising.GRACE_SECONDS = 1.0
    parts = []
    for name in names:
        program = folder / f"{name}.py"
        program.write_text(BEGINNING.format(name=name) + BODIES[name])
        parts.append(Part(name, (sys.executable, str(program)), ready_line=READY))
    Supervisor(
        parts,
        environment=env.inherited(),
        folder=folder,
        say=lambda line: print(line, flush=True),  # noqa: T201 - the test reads it
        after_death=lambda: print("buried", flush=True),  # noqa: T201
    ).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
