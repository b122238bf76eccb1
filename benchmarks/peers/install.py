"""Make the environment of a peer anew, under var/peers: they cannot live with our packages.

python benchmarks/peers/install.py vectorbt freqtrade nautilus
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / "var" / "peers"
PEERS = sorted(file.stem for file in HERE.glob("*.txt"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peers", nargs="+", choices=PEERS)
    for name in parser.parse_args().peers:
        install(name)


def install(name: str) -> None:
    venv.create(ENVIRONMENTS / name, with_pip=True, clear=True, symlinks=os.name != "nt")
    packages = HERE / f"{name}.txt"
    # Wheels where there are any: building takes a compiler, and long.
    command = ["-m", "pip", "install", "--prefer-binary", "--requirement", str(packages)]
    subprocess.run([str(python_of(name)), *command], check=True)


def python_of(name: str) -> Path:
    """The interpreter of a peer's environment, which may not be there."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return ENVIRONMENTS / name / folder / "python"


if __name__ == "__main__":
    main()
