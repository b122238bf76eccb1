from typing import Any

from apps.brokers.models import Venue
from apps.common import db
from apps.market import sessions
from apps.market.models import Instrument
from trading.instruments import InstrumentRules


@db.transaction
def ensure_instrument(venue: Venue, rules: InstrumentRules) -> Instrument:
    """The venue's instrument of this symbol; made by these rules when it does not exist yet."""
    found, _ = Instrument.objects.get_or_create(
        venue=venue, symbol=rules.symbol, defaults=_columns(rules)
    )
    return found


@db.transaction
def keep_rules(venue_code: str, rules: InstrumentRules) -> Instrument:
    """The venue's instrument by what the venue says of it today; made where it is missing.

    Fees, margins and the calendar stay as they are once it exists: staff may have set them.
    """
    said = _columns(rules)
    moving = ("price_increment", "quantity_increment", "min_quantity", "min_notional", "status")
    found, _ = Instrument.objects.update_or_create(
        venue_id=venue_code,
        symbol=rules.symbol,
        defaults={name: said[name] for name in moving},
        create_defaults=said,
    )
    return found


def _columns(rules: InstrumentRules) -> dict[str, Any]:
    return {
        "base": rules.base,
        "quote": rules.quote,
        "asset_class": rules.asset_class.value,
        "price_increment": rules.price_increment,
        "quantity_increment": rules.quantity_increment,
        "min_quantity": rules.min_quantity,
        "min_notional": rules.min_notional,
        "maker_fee": rules.maker_fee,
        "taker_fee": rules.taker_fee,
        "is_shortable": rules.is_shortable,
        "initial_margin": rules.initial_margin,
        "maintenance_margin": rules.maintenance_margin,
        "status": rules.status.value,
        "calendar": sessions.USUAL.get(rules.asset_class, sessions.ALWAYS),
    }
