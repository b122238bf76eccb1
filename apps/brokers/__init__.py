"""Where orders go: venues, a user's accounts at them, and one adapter per venue behind one
Protocol."""
