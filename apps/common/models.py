from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models

from apps.common.fields import MoneyField

__all__ = ["Mode", "MoneyField", "OwnedManager", "OwnedModel", "OwnedQuerySet"]


class Mode(models.TextChoices):
    BACKTEST = "backtest"
    PAPER = "paper"
    LIVE = "live"


M = TypeVar("M", bound=models.Model)


class OwnedQuerySet(models.QuerySet[M]):
    def of(self, user: Any) -> Self:
        """The user's own rows: the only door from an interface to a tenant's rows."""
        return self.filter(user_id=user.pk)


OwnedManager = models.Manager.from_queryset(OwnedQuerySet)


class OwnedModel(models.Model):
    """A row that belongs to one tenant. Interfaces reach it through `.of(user)` only (tested)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = OwnedManager()

    class Meta:
        abstract = True
