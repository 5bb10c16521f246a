"""URLs of the policy, cookies and the person's page."""

from django.urls import path

from privacy.feeds import PolicyFeed
from privacy.views import cookies, own, policy

app_name = "privacy"
urlpatterns = [
    path("", policy.now, name="policy"),
    path("versions/", policy.versions, name="versions"),
    path("versions/<int:number>/", policy.version, name="version"),
    path("versions/<int:number>/changes/", policy.what_changed, name="changes"),
    path("feed/", PolicyFeed(), name="feed"),
    path("cookies/", cookies.cookies, name="cookies"),
    path("cookies/preferences/", cookies.edit_preferences, name="preferences"),
    path("you/", own.ask, name="ask"),
    path("you/asked/", own.asked, name="asked"),
    path("you/closed/", own.closed, name="closed"),
    path("you/erased/<str:key>/", own.erased, name="erased"),
    path("you/<str:token>/", own.page, name="page"),
    path("you/<str:token>/download/", own.download, name="download"),
    path("you/<str:token>/question/", own.question, name="question"),
    path("you/<str:token>/erase/", own.erase, name="erase"),
]
