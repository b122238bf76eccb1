"""What the market did: instruments, candles, the feeds that bring them, and each venue's clock."""
