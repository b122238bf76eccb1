"""The core that decides: values in, values out. No Django, no clock, no network, no database."""
