"""What every gate answered, with how many of them refused or had nothing to ask about."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.risk.gate_lines import GateLine
from trading.gates.values import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesTold:
    gates: Sequence[GateLine]

    @property
    def refused(self) -> int:
        return self._answers(Status.REFUSED)

    @property
    def unasked(self) -> int:
        return self._answers(Status.NOT_APPLICABLE)

    @property
    def asked_gates(self) -> int:
        return len(self.gates) - self.unasked

    def _answers(self, status: Status) -> int:
        return sum(1 for gate in self.gates if gate.status is status)
