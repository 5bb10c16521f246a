from django.urls import path

from privacy import cookie_views, policy_views, views
from privacy.feeds import PolicyFeed

app_name = "privacy"
urlpatterns = [
    path("you/", views.ask, name="ask"),
    path("you/asked/", views.asked, name="asked"),
    path("you/closed/", views.closed, name="closed"),
    path("you/erased/<str:key>/", views.erased, name="erased"),
    path("you/<str:token>/", views.page, name="page"),
    path("you/<str:token>/download/", views.download, name="download"),
    path("you/<str:token>/question/", views.question, name="question"),
    path("you/<str:token>/erase/", views.erase, name="erase"),
    path("", policy_views.now, name="policy"),
    path("versions/", policy_views.versions, name="versions"),
    path("versions/<int:number>/", policy_views.version, name="version"),
    path("versions/<int:number>/changes/", policy_views.what_changed, name="changes"),
    path("feed/", PolicyFeed(), name="feed"),
    path("cookies/", cookie_views.cookies, name="cookies"),
    path("cookies/preferences/", cookie_views.edit_preferences, name="preferences"),
]
