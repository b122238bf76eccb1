"""What is learned from histories: backtests, and whether they agree with what really happened."""
