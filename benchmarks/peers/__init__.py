"""The engines that benchmarks/backtest.py runs, each in a process and an environment of its own."""
