"""What benchmarks/streams.py is made of: the clients, the floor, and the usual way."""
