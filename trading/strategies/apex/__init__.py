"""What the versions of APEX share: a trend on the fast candles, entered on its pullback by a score
of five conditions, with a size that grows with what speaks for it.
"""
