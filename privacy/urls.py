from django.urls import path

from privacy import cookie_views, views

app_name = "privacy"
urlpatterns = [
    path("you/", views.ask, name="ask"),
    path("you/asked/", views.asked, name="asked"),
    path("you/closed/", views.closed, name="closed"),
    path("you/<str:token>/", views.page, name="page"),
    path("cookies/", cookie_views.cookies, name="cookies"),
    path("cookies/preferences/", cookie_views.edit_preferences, name="preferences"),
]
