"""What benchmarks/api.py is made of: the people, the clients, the other server, and the floor."""
