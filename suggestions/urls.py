"""URLs of the directory and of own suggestions."""

from django.urls import path

from core.kept_pages.views import kept
from suggestions.feeds import WebsitesFeed
from suggestions.views import own_websites, public, submission

app_name = "suggestions"
# The names beside <slug> are reserved: see suggestions/models/category.py
urlpatterns = [
    path("", public.websites, name="websites"),
    path("suggest/", submission.suggest, name="suggest"),
    path("suggest/sent/", submission.suggested, name="suggested"),
    path("feed/", kept("websites")(WebsitesFeed()), name="feed"),
    path("listings/<str:key>/", public.listing, name="listing"),
    path("reported/", public.reported, name="reported"),
    path("<slug:slug>/", public.category, name="category"),
]

# Behind a mailed link: /privacy/you/<token>/websites/…
own_patterns = [
    path("<str:key>/edit/", own_websites.edit, name="edit"),
    path("<str:key>/withdraw/", own_websites.withdraw, name="withdraw"),
]
