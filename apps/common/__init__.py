"""What every app stands on: the tenant-owned model, the money field, transactions, bulk writes,
Refused."""
