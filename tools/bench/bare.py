"""A constant page of 20 KB from bare Django without any middleware: the limit that others are compared with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

SECRET_KEY = "only-for-the-bench"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = __name__
PAGE = "<!doctype html><title>x</title>" + "<p>Lorem ipsum dolor sit amet.</p>\n" * 585


def constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


urlpatterns = [path("", constant)]
