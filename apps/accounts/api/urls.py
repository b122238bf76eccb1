from django.urls import path

from apps.accounts.api import sessions

urlpatterns = [
    path("login", sessions.Login.as_view(), name="login"),
    path("refresh", sessions.Refresh.as_view(), name="refresh"),
    path("logout", sessions.Logout.as_view(), name="logout"),
]
