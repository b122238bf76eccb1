"""What a process of its own tells the one that measures.

Runs in environments of others too: nothing but the standard library here.
"""

import json
import sys


def tell(answer: object) -> None:
    """Print it as one line of JSON, the whole of it.

    An unbuffered stdout (PYTHONUNBUFFERED) drops what a short write leaves over, and a write is
    short where a signal comes in while the pipe is full; a buffered one writes on.
    """
    sys.stdout.flush()
    with open(sys.stdout.fileno(), "w", closefd=False) as out:
        out.write(f"{json.dumps(answer)}\n")
