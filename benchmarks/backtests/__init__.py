"""What benchmarks/backtest.py is made of: the history, our RICH, the contenders, the comparison."""
