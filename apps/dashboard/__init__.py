"""What people see: pages, streams and read-only selectors. Owns no rows."""
