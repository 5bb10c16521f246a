from django.urls import path

from privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.closed, name="policy"),
    path("versions/<int:number>/", views.closed, name="version"),
    path("you/", views.ask, name="ask"),
    path("you/asked/", views.asked, name="asked"),
    path("you/closed/", views.closed, name="closed"),
    path("you/erased/<str:key>/", views.erased, name="erased"),
    path("you/<str:token>/", views.page, name="page"),
    path("you/<str:token>/download/", views.download, name="download"),
    path("you/<str:token>/question/", views.question, name="question"),
    path("you/<str:token>/erase/", views.erase, name="erase"),
]
