"""What was done about it. Read pipeline.py first: one closed candle from beginning to end."""
