"""The Dockerfile and docker-compose.yml, read without a Docker engine."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


class Step(NamedTuple):
    word: str
    text: str

    @property
    def arguments(self) -> list[str]:
        """Of the JSON form, or of the shell form."""
        if self.text.startswith("["):
            return [str(part) for part in json.loads(self.text)]
        return shlex.split(self.text)


def dockerfile() -> list[Step]:
    """Its instructions, each on one line, without comments."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    whole = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", whole)
    pairs = (line.partition(" ") for line in joined.splitlines() if line.strip())
    return [Step(word.upper(), text.strip()) for word, _, text in pairs]


def stages() -> list[list[Step]]:
    """The instructions of each stage, from its FROM on."""
    found: list[list[Step]] = []
    for step in dockerfile():
        if step.word == "FROM":
            found.append([])
        found[-1].append(step)
    return found


def compose() -> dict[str, Any]:
    """The compose file, with what its anchors stand for."""
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
    return loaded


def parts() -> dict[str, dict[str, Any]]:
    """The services that are ours."""
    return {name: part for name, part in compose()["services"].items() if "build" in part}


def seconds(duration: str) -> int:
    """Of one that Compose writes with one unit: `30s`, `1m`."""
    return int(duration[:-1]) * {"s": 1, "m": 60}[duration[-1]]


def filled_in(text: str, values: dict[str, str]) -> str:
    """As Compose does it: `${NAME:-otherwise}`, and `$$` for `$`."""
    replaced = VARIABLE.sub(lambda found: values.get(found[1], found[2] or ""), text)
    return replaced.replace("$$", "$")
