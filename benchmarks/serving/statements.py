"""What the FastAPI peer asks the database; the figures come out as JSON can hold them."""

SESSION = """
    SELECT 1 FROM accounts_tokensession session JOIN accounts_user person ON person.id = user_id
    WHERE session.id = %(session)s AND user_id = %(user)s AND person.is_active
        AND revoked_at IS NULL AND expires_at > now()
"""

# The user's first book: the accounts of one venue, mode and currency.
_BOOK = """
    book AS (
        SELECT account.venue_id || '.' || account.mode || '.' || balance.currency AS key,
            venue.name AS broker, account.mode, balance.currency, clock.now,
            array_agg(account.id) AS accounts, sum(cash) AS cash, sum(reserved) AS reserved
        FROM execution_balance balance
        JOIN brokers_brokeraccount account ON account.id = balance.account_id
        JOIN brokers_venue venue ON venue.code = account.venue_id
        JOIN market_marketclock clock ON clock.venue_id = account.venue_id
        WHERE balance.user_id = %(user)s AND balance.currency = account.currency
        GROUP BY account.venue_id, account.mode, balance.currency, venue.name, clock.now
        ORDER BY min(account.id) LIMIT 1
    )
"""

# Open positions at their last prices.
_HELD = """
    held AS (
        SELECT position.*, price.close, quantity * price.close AS value
        FROM book JOIN execution_position position ON account_id = ANY (book.accounts)
        LEFT JOIN LATERAL (
            SELECT close FROM market_candle candle
            WHERE candle.instrument_id = position.instrument_id AND timeframe = '1m'
                AND open_time <= book.now - interval '1 minute'
            ORDER BY open_time DESC LIMIT 1
        ) price ON true
        WHERE quantity <> 0
    )
"""

BALANCE = f"""
    WITH {_BOOK}, {_HELD}, total AS (
        SELECT coalesce(sum(value), 0) AS value, coalesce(sum(value - cost), 0) AS pnl,
            count(*) FILTER (WHERE close IS NULL) > 0 AS is_unknown,
            coalesce(sum(-cost * (1 + initial_margin)) FILTER (WHERE cost < 0), 0) AS kept
        FROM held JOIN market_instrument instrument ON instrument.id = held.instrument_id
    )
    SELECT key AS book, broker, mode, currency, cash::float8,
        CASE WHEN NOT is_unknown THEN (cash + value)::float8 END AS equity,
        CASE WHEN NOT is_unknown THEN pnl::float8 END AS unrealized_pnl,
        (cash - reserved - kept)::float8 AS buying_power,
        to_char(now AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS last_updated
    FROM book, total
"""

_STANDING = """
    LEFT JOIN LATERAL (
        SELECT {column}::float8 AS price FROM execution_order standing
        WHERE standing.account_id = held.account_id
            AND standing.subscription_id = held.subscription_id
            AND standing.instrument_id = held.instrument_id AND leg = '{leg}'
            AND status IN ('pending', 'submitted', 'accepted', 'triggered', 'partially_filled',
                'pending_cancel', 'pending_replace')
        LIMIT 1
    ) {leg} ON true
"""

POSITIONS = f"""
    WITH {_BOOK}, {_HELD}
    SELECT 'pos_' || held.id AS position_id, held.subscription_id AS subscription,
        strategy.name AS strategy, instrument.symbol,
        CASE WHEN held.quantity > 0 THEN 'long' ELSE 'short' END AS side,
        (cost / quantity)::float8 AS entry_price, close::float8 AS current_price,
        abs(quantity)::float8 AS quantity, abs(value)::float8 AS size,
        abs(value)::float8 AS size_usd,
        (value - cost)::float8 AS unrealized_pnl,
        ((value - cost) / abs(cost) * 100)::float8 AS unrealized_pnl_pct,
        stop.price AS stop_loss, target.price AS take_profit,
        liquidation.price AS liquidation_price,
        CASE WHEN stop.price IS NULL THEN 'naked' ELSE 'venue_stop' END AS protection,
        stop.price IS NULL AS is_naked_by_choice,
        to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS opened_at,
        instrument.quote AS currency, held.mode, book.broker,
        abs(value)::float8 AS _value, (value - cost)::float8 AS _pnl, abs(cost)::float8 AS _cost
    FROM book, held
    JOIN market_instrument instrument ON instrument.id = held.instrument_id
    JOIN strategies_strategysubscription subscription ON subscription.id = held.subscription_id
    JOIN strategies_strategyversion version ON version.id = subscription.version_id
    JOIN strategies_strategy strategy ON strategy.id = version.strategy_id
    {_STANDING.format(leg="stop", column="trigger_price")}
    {_STANDING.format(leg="target", column="limit_price")}
    {_STANDING.format(leg="liquidation", column="trigger_price")}
    ORDER BY held.opened_at DESC NULLS LAST, held.id
"""

TRADES = "SELECT count(*) AS total FROM execution_trade WHERE user_id = %(user)s"

HISTORY = """
    SELECT 'trd_' || trade.id AS trade_id, subscription_id AS subscription, symbol,
        direction AS side, 'closed' AS status, entry_price::float8, exit_price::float8,
        quantity::float8, (quantity * entry_price)::float8 AS size,
        (quantity * entry_price)::float8 AS size_usd, pnl::float8 AS realized_pnl,
        (pnl / nullif(quantity * entry_price, 0) * 100)::float8 AS realized_pnl_pct, fees::float8,
        trade.funding::float8,
        to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS opened_at,
        to_char(closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS closed_at,
        (extract(epoch FROM closed_at - opened_at) / 60)::float8 AS duration_minutes,
        exit_reason, mae::float8, mfe::float8, venue.name AS broker, trade.mode,
        instrument.quote AS currency
    FROM execution_trade trade
    JOIN market_instrument instrument ON instrument.id = trade.instrument_id
    JOIN brokers_brokeraccount account ON account.id = trade.account_id
    JOIN brokers_venue venue ON venue.code = account.venue_id
    WHERE trade.user_id = %(user)s
    ORDER BY closed_at DESC, trade.id DESC LIMIT %(per_page)s OFFSET %(first)s
"""
