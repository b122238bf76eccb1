from django.apps import AppConfig


class NijaConfig(AppConfig):
    name = "nija"
    label = "nija"

    def ready(self) -> None:
        """Make our Celery app the one that tasks belong to, and register our checks."""
        from nija import celery, checks  # noqa: F401, PLC0415 - both need the other apps loaded
