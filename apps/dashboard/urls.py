from django.urls import path

from apps.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("allocation/", views.allocation, name="allocation"),
    path("decisions/<int:pk>/", views.receipt, name="receipt"),
    path("positions/<int:pk>/", views.position, name="position"),
]
