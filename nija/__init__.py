"""The wiring: settings, URLs, Celery, ASGI, the embedded servers and the supervisor."""
