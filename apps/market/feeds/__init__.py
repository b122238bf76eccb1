"""Where candles come from: one Protocol (`ports`), one module per source, found by `registry`."""
