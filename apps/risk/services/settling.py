"""What begins anew when a person resets a switch that tripped by itself. Otherwise it would trip
again at once: a fall from the highest equity and trades lost in a row end by no clock.
"""

from apps.brokers.models import BrokerAccount
from apps.common import db
from apps.risk.models import AccountRisk, KillSwitch, VenueError

Cause = KillSwitch.Cause


@db.transaction_required
def settle(switch: KillSwitch) -> None:
    """The highest equity and the one measured before are those of the next measurement, the
    losses in a row none, errors until now no longer count."""
    if switch.cause == Cause.API_ERRORS and switch.user_id is not None:
        VenueError.objects.filter(user_id=switch.user_id, is_settled=False).update(is_settled=True)
    anew: dict[str, dict[str, int | None]] = {
        Cause.MAX_DRAWDOWN: {"peak_equity": None},
        Cause.BALANCE_JUMP: {"measured_equity": None},
        Cause.CONSECUTIVE_LOSSES: {"consecutive_losses": 0},
    }
    if switch.cause not in anew or switch.account_id is None:
        return
    # Whoever writes an account's row has read it under this lock.
    list(BrokerAccount.objects.filter(pk=switch.account_id).select_for_update())
    AccountRisk.objects.filter(account_id=switch.account_id).update(**anew[Cause(switch.cause)])
