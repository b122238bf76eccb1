"""What people are asked to agree to, in the words of now. Other words are another version: who has
agreed to the one before is asked again.
"""

from typing import NamedTuple


class Document(NamedTuple):
    code: str
    version: str
    title: str
    paragraphs: tuple[str, ...]


LIVE_TRADING = Document(
    "live_trading",
    "1",
    "Trading with real money",
    (
        "Strategies place orders with my own money, at my own broker, without asking me unless I "
        "have set them to.",
        "I can lose all that I put in. What a strategy did on paper or in a backtest does not say "
        "what it will do: real orders fill at other prices, later, in part or not at all.",
        "Stops limit losses and do not rule them out. I can stop everything at any time, and I "
        "remain responsible for what I leave open.",
    ),
)
