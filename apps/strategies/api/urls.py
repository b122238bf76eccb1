from django.urls import path

from apps.strategies.api import runs

urlpatterns = [path("runs", runs.Runs.as_view(), name="runs")]
