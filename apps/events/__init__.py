"""What happened, told once: the outbox and audit trail, hash-chained per tenant, and its relay."""
