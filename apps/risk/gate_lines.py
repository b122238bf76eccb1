"""What a gate answered, as a line of a receipt: the same for the user and for staff."""

from dataclasses import dataclass

from trading.gates import TITLES
from trading.gates.authors import author
from trading.gates.clearing import clears
from trading.gates.codes import MEANINGS, GateCode
from trading.gates.sentences import Sayings, cells
from trading.gates.values import Status, Verdict


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate on a receipt."""

    title: str
    status: Status
    code: str
    observed: str
    limit: str
    author: str
    meaning: str
    clears: str

    @property
    def answer(self) -> str:
        return {Status.PASSED: "Passed", Status.REFUSED: "Refused"}.get(self.status, "Not asked")


def gate_line(verdict: Verdict, sayings: Sayings) -> GateLine:
    """A verdict with its observed value and limit in words."""
    observed, limit = cells(verdict, sayings)
    return GateLine(
        title=TITLES.get(verdict.gate, f"Gate {verdict.gate}"),
        status=Status(verdict.status),
        code=verdict.code,
        observed=observed,
        limit=limit,
        author=author(verdict) if limit else "",
        meaning=MEANINGS[GateCode(verdict.code)] if verdict.code else "",
        clears=clears(verdict),
    )
