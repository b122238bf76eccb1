"""What every benchmark stands on."""
