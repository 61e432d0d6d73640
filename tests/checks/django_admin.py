"""The part of Django's admin that matters: its own sign-in page."""

from django.contrib.auth.views import LoginView
from django.urls import path

app_name = "admin"
urlpatterns = [path("login/", LoginView.as_view(), name="login")]
