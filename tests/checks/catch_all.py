"""What Wagtail's URLs do to all that stands below them."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(request: HttpRequest, rest: str = "") -> HttpResponse:
    return HttpResponse(rest)


urlpatterns = [path("<path:rest>", page)]
