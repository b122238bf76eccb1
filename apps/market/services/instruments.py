from apps.brokers.models import Venue
from apps.common import db
from apps.market.models import Instrument
from trading.instruments import InstrumentRules


@db.transaction
def ensure_instrument(venue: Venue, rules: InstrumentRules) -> Instrument:
    """The venue's instrument of this symbol; made by these rules when it does not exist yet."""
    found, _ = Instrument.objects.get_or_create(
        venue=venue,
        symbol=rules.symbol,
        defaults={
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
            "status": rules.status.value,
        },
    )
    return found
