"""What freqtrade is given as the folder of its strategies."""
