"""URLs of the policy, cookies and the person's page."""

from django.urls import path

from core.kept_pages.views import kept
from privacy.feeds import PolicyFeed
from privacy.views import cookies, person_page, policy

app_name = "privacy"
urlpatterns = [
    path("", policy.now, name="policy"),
    path("versions/", policy.versions, name="versions"),
    path("versions/<int:number>/", policy.version, name="version"),
    path("versions/<int:number>/changes/", policy.what_changed, name="changes"),
    path("feed/", kept("policy")(PolicyFeed()), name="feed"),
    path("cookies/", cookies.cookies, name="cookies"),
    path("cookies/preferences/", cookies.edit_preferences, name="preferences"),
    path("you/", person_page.ask, name="ask"),
    path("you/asked/", person_page.asked, name="asked"),
    path("you/closed/", person_page.closed, name="closed"),
    path("you/erased/<str:key>/", person_page.erased, name="erased"),
    path("you/<str:token>/", person_page.page, name="page"),
    path("you/<str:token>/download/", person_page.download, name="download"),
    path("you/<str:token>/question/", person_page.question, name="question"),
    path("you/<str:token>/erase/", person_page.erase, name="erase"),
]
