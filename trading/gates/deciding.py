"""What stands on the receipt where no gate could be asked: an error of ours, or a row that nothing
can be made of."""

from enum import StrEnum

from trading.gates.codes import GateCode
from trading.gates.values import Verdict, refused

NUMBER = 39
TITLE = "Deciding"


class AllTheSame(StrEnum):
    """What was done without a decision. An exit needs no fact."""

    NOTHING_OPENED = "nothing is opened"
    CLOSED = "what is held is closed at market"
    NOT_CLOSED = "what is held could not be closed"
    NOTHING_HELD = "nothing is held"


def could_not_be_done(all_the_same: AllTheSame) -> Verdict:
    return refused(NUMBER, GateCode.DECIDING_FAILED, all_the_same)
