from django.http import HttpRequest, HttpResponse
from django.urls import path

from vietmusic.urls import urlpatterns as of_site


def page(request: HttpRequest, slug: str = "") -> HttpResponse:
    return HttpResponse("<!doctype html><title>Đàn bầu</title><h1>Đàn bầu</h1>")


urlpatterns = [path("throwaway/", page), path("throwaway/<slug:slug>/", page), *of_site]
