"""Settings: `dev` for a checkout, `test` for the tests, `prod` for a server; all extend `base`."""
