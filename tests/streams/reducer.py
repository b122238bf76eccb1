"""The rules of docs/streams.md, "How to keep what you see", as a client would write them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

FILLS_KEPT = 50

Position = tuple[Decimal, Decimal]  # quantity, cost


class Seen:
    """What events keep up to date, begun from the snapshots of both streams."""

    def __init__(self, holdings: Mapping[str, Any], dealings: Mapping[str, Any]) -> None:
        self.sequence: int = holdings["sequence"]
        self.included = set(holdings["included"])
        self.cash = {row["id"]: Decimal(row["cash"]) for row in holdings["accounts"]}
        self.positions: dict[tuple[int, int], Position] = {
            (row["subscription"], row["instrument"]): (
                Decimal(row["quantity"]),
                Decimal(row["cost"]),
            )
            for row in holdings["positions"]
        }
        self.fills: list[Any] = list(dealings["fills"])

    def apply(self, event: Mapping[str, Any]) -> None:
        if event["sequence"] <= self.sequence:
            return
        assert event["sequence"] == self.sequence + 1, "a hole"
        self.sequence = event["sequence"]
        self._apply_once(event)

    def _apply_once(self, event: Mapping[str, Any]) -> None:
        said = event["data"]
        if event["id"] in self.included:
            self.included.remove(event["id"])
        elif event["kind"] == "fill.recorded":
            self._fill(said, event["at"])
        elif event["kind"] == "money.deposited":
            self._pay(said["account"], said["amount"])
        elif event["kind"] == "funding.charged":
            self._pay(said["account"], said["cash"])

    def _fill(self, said: Mapping[str, Any], at: str) -> None:
        key = (said["subscription"], said["instrument"])
        quantity, cost = (Decimal(said["position"][name]) for name in ("quantity", "cost"))
        if quantity:
            self.positions[key] = (quantity, cost)
        else:
            self.positions.pop(key, None)
        self._pay(said["account"], said["cash"])
        names = ("order", "account", "subscription", "instrument", "mode", "leg", "side",
                 "quantity", "price", "commission")  # fmt: skip
        fill = {**{name: said[name] for name in names}, "at": at}
        self.fills = [fill, *self.fills][:FILLS_KEPT]

    def _pay(self, account: int, amount: str) -> None:
        self.cash[account] += Decimal(amount)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seen) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(vars(self))
