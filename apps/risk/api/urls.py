from django.urls import path

from apps.risk.api import decisions

urlpatterns = [path("decisions", decisions.Decisions.as_view(), name="decisions")]
