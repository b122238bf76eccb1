"""What a sweep is asked: one place for the numbers, for us and for those beside us."""

FEE, CASH = 0.001, 100_000

# Of each combination, in this order.
FIGURES = (
    "trades", "win_rate", "total_return", "max_drawdown", "sharpe", "profit_factor", "expectancy",
)  # fmt: skip
