from django.urls import path

from privacy import views

app_name = "privacy"
urlpatterns = [
    path("you/", views.ask, name="ask"),
    path("you/asked/", views.asked, name="asked"),
    path("you/closed/", views.closed, name="closed"),
    path("you/<str:token>/", views.page, name="page"),
]
