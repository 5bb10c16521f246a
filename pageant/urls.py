"""URLs of pageants, entries, own entries, photos and co-sponsors' reports."""

from django.urls import path, re_path

from core.kept_pages.views import kept
from pageant.feeds import EntriesFeed
from pageant.views import own_entries, public, sponsors, submission

app_name = "pageant"
urlpatterns = [
    path("", public.pageants, name="pageants"),
    path("<slug:slug>/", public.show_pageant, name="pageant"),
    path("<slug:slug>/feed/", kept("pageants:{slug}")(EntriesFeed()), name="feed"),
    path("<slug:slug>/enter/", submission.enter, name="enter"),
    path("<slug:slug>/enter/sent/", submission.entered, name="entered"),
    path("<slug:slug>/enter/<str:draft_key>/<str:key>/", submission.draft_photo, name="draft_photo"),
    path("<slug:slug>/entries/<str:key>/", public.show_entry, name="entry"),
    path("<slug:slug>/entries/<str:key>/report/", public.report, name="report"),
    path("<slug:slug>/reported/", public.reported, name="reported"),
]

# Behind a mailed link: /privacy/you/<token>/entries/…
own_patterns = [
    path("photos/<str:key>/", own_entries.photo, name="photo"),
    path("photos/<str:key>/arrange/", own_entries.arrange_photo, name="arrange_photo"),
    path("<str:key>/confirm/", own_entries.confirm, name="confirm"),
    path("<str:key>/edit/", own_entries.edit, name="edit"),
    path("<str:key>/correct/", own_entries.correct, name="correct"),
    path("<str:key>/withdraw/", own_entries.withdraw, name="withdraw"),
    path("<str:key>/sharing/<int:cosponsorship>/withdraw/", own_entries.withdraw_sharing, name="withdraw_sharing"),
]

# /privacy/sponsors/…
sponsor_patterns = [
    path("", sponsors.all_sponsors, name="all"),
    path("sent/<str:token>/", sponsors.mailed, name="mailed"),
    path("<slug:slug>/<str:month>/", sponsors.report, name="report"),
    path("<slug:slug>/<str:month>/report.csv", sponsors.csv, name="csv"),
]

# /media/…
media_patterns = [
    re_path(
        r"^photos/(?P<name>[0-9a-f]{2}/(?P<key>[0-9a-f]{32})-[0-9]{1,4}\.(avif|jpg))$",
        public.rendition,
        name="rendition",
    ),
]
