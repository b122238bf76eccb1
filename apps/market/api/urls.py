from django.urls import path

from apps.market.api import instruments

urlpatterns = [path("instruments", instruments.Instruments.as_view(), name="instruments")]
