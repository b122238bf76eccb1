"""What strategies said: versions, subscriptions to them, one Run per closed candle, and its
Signals."""
