"""A bare view to measure."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def bare(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse("<!doctype html><title>x</title>")


urlpatterns = [path("pageants/<slug:slug>/", bare)]
