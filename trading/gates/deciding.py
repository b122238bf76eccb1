"""What stands on the receipt where no gate could be asked: an error of ours, or a row that nothing
can be made of."""

from trading.gates.codes import GateCode
from trading.gates.values import Verdict, refused
from trading.signals import Action

NUMBER = 39
TITLE = "Deciding"


def could_not_be_done(action: Action) -> Verdict:
    """An exit needs no fact: what it closes is closed all the same."""
    opened = "nothing is opened" if action.is_entry else "what is held is closed at market"
    return refused(NUMBER, GateCode.DECIDING_FAILED, opened)
