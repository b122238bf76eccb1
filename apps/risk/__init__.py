"""What we allowed: a Decision for every signal and subscription, and the switches that stop
entries."""
