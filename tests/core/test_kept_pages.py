"""Public pages from memory: the same as fresh ones, and never one that is no longer right."""

import gzip
import json
import re
import time
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from core.kept_pages import front, views
from core.kept_pages.views import NotKept, kept
from core.moderation import Status
from pageant import gallery
from pageant.models import Entry
from privacy.traffic import visit_log, visitor_counts
from suggestions.models import Suggestion
from tests.core.concurrency import at_once
from tests.core.factories import make_staff
from tests.core.wsgi import ask, ask_anew
from tests.pageant.factories import make_cosponsorship, make_entry, make_pageant
from tests.suggestions.factories import make_website
from vietmusic.wsgi import django_application, kept_pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keeping")]

GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, br"}
SIGNAL = {"HTTP_SEC_GPC": "1"}


@pytest.fixture
def keeping(settings):
    """Pages are kept, as in production."""
    settings.KEPT_PAGES_BYTES = 10_000_000
    stores = views.PAGES, front.RESPONSES, front.READ_PAGES
    for store in stores:
        store.clear()
    yield
    for store in stores:
        store.clear()


@pytest.fixture
def pageant():
    return make_pageant(slug="spring")


@pytest.fixture
def entry(pageant):
    return make_entry(pageant, display_name="Trần Thị Lan", hobbies=("hát", "đàn tranh"), lives_in="Huế")


@pytest.fixture
def website():
    return make_website(status="approved")


def keep(url, **environ):
    """Asks until the page is kept: the first page of a topic begins its version."""
    for _time in range(3):
        answer = ask(url, **environ)
    assert is_kept(url, **environ)
    return answer


def is_kept(url, **environ):
    """Whether the page comes from memory."""
    with patch.object(kept_pages, "application", wraps=django_application) as django:
        ask(url, **environ)
    return not django.called


def pages(entry, website):
    spring = "/pageants/spring/"
    return [
        "/",
        "/pageants/",
        spring,
        f"{spring}?hobby=h%C3%A1t&sort=oldest",
        f"{spring}?q=lan",
        f"{spring}?q=nobody",
        entry.get_absolute_url(),
        f"{spring}feed/",
        "/websites/",
        website.category.get_absolute_url(),
        website.get_absolute_url(),
        "/websites/feed/",
        "/privacy/",
        "/privacy/versions/",
        "/privacy/versions/1/",
        "/privacy/feed/",
        "/privacy/sponsors/",
        "/sitemap.xml",
    ]


# The same as fresh ones


def test_kept_pages_are_fresh_ones_to_the_byte(entry, website):
    make_cosponsorship(entry.pageant)
    for url in pages(entry, website):
        for address in (url, f"/vi{url}") if "xml" not in url else (url,):
            for environ in ({}, GZIP, SIGNAL, {**GZIP, **SIGNAL}):
                fresh = ask_anew(address, **environ)
                assert fresh.status == HTTPStatus.OK
                assert keep(address, **environ) == fresh, address


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        ("/pageants/spring/", {"HTTP_COOKIE": "sessionid=x"}),
        ("/pageants/spring/", {"HTTP_COOKIE": "choice=x; other=1"}),
        ("/pageants/spring/", {"HTTP_COOKIE": 'choice="x"'}),
        ("/pageants/spring/", {"HTTP_COOKIE": "choice=x", "method": "HEAD"}),
        ("/pageants/spring/", {"method": "HEAD"}),
        ("/pageants/spring/", {"method": "POST", "CONTENT_LENGTH": "0"}),
        ("/pageants/spring/", {"CONTENT_LENGTH": "1"}),
        ("/pageants/spring/", {"HTTP_TRANSFER_ENCODING": "chunked"}),
        ("/pageants/spring/", {"HTTP_HOST": "evil.example"}),
        ("/pageants/spring/", {"CONTENT_TYPE": "text/html; charset=utf-7"}),
        ("/pageants/spring/?q=%00", {}),
        ("/pageants/autumn/", {}),
        ("/pageants/spring/enter/", {}),
        ("/privacy/cookies/", {}),
        ("/healthz", {}),
        ("/readyz", {}),
    ],
)
def test_what_is_not_for_everybody_is_made_each_time(pageant, url, environ):
    keep("/pageants/spring/")

    assert not is_kept(url, **environ)
    assert not is_kept(url, **environ)


def test_hosts_and_encodings_have_pages_of_their_own(pageant):
    keep("/pageants/spring/", **GZIP)

    assert not is_kept("/pageants/spring/")
    assert not is_kept("/pageants/spring/", HTTP_HOST="localhost", **GZIP)
    assert not is_kept("/pageants/spring/", **{"wsgi.url_scheme": "https"}, **GZIP)


def test_page_with_cookies_is_filled_from_the_same_making(entry):
    keep("/pageants/spring/")

    with patch.object(gallery, "show") as show:
        answer = ask("/pageants/spring/", HTTP_COOKIE="other=1")

    assert (answer.status, show.called, "Trần Thị Lan" in answer.text) == (200, False, True)


@pytest.mark.parametrize(
    ("url", "form", "new"),
    [
        ("/pageants/spring/enter/", "pageant.views.submission.EntryForm", 'name="draft" value="([^"]+)"'),
        ("/websites/suggest/", "suggestions.views.submission.SuggestionForm", 'name="started" value="([^"]+)"'),
    ],
)
def test_form_is_kept_but_for_what_is_new_each_time(pageant, url, form, new):
    ask(url)
    with patch("time.time", return_value=time.time() - 60):
        pages = [ask(url)]
    with patch(form) as made:
        pages.append(ask(url))

    assert not made.called
    assert len({re.search(new, page.text)[1] for page in pages}) == 2
    assert [page["ETag"] for page in pages] == ["", ""]
    assert len({re.sub(new, "", page.text) for page in pages}) == 1


# Never stale


def change_title(entry):
    entry.pageant.title_en = "Summer"
    entry.pageant.save()


CHANGES = {
    "withdrawn": Entry.withdraw,
    "rejected": lambda entry: entry.reject(by=make_staff(), reason="quality"),
    "deleted": Entry.delete,
    "sent again": Entry.resubmit,
    "by SQL": lambda entry: execute("UPDATE pageant_entry SET display_name = 'Mai' WHERE id = %s", entry.pk),
    "photo turned": lambda entry: entry.photos.update(colour="#123456"),
    "photo gone": lambda entry: entry.photos.all().delete(),
    "hobby taken out": lambda entry: entry.hobbies.clear(),
    "hobby renamed": lambda entry: entry.hobbies.update(name="ca hát"),
    "pageant renamed": change_title,
    "co-sponsor": lambda entry: make_cosponsorship(entry.pageant),
}


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_gone_with_the_next_request(pageant, change):
    entry = make_entry(pageant, hobbies=("hát",), lives_in="Huế")
    urls = ["/", "/pageants/", "/pageants/spring/", "/pageants/spring/?hobby=h%C3%A1t", entry.get_absolute_url()]
    for url in urls:
        keep(url)

    CHANGES[change](Entry.objects.get(pk=entry.pk))

    for url in urls:
        assert ask(url) == ask_anew(url), url


def test_listing_that_is_rejected_is_gone_with_the_next_request(website):
    urls = ["/websites/", website.category.get_absolute_url(), "/websites/feed/", "/"]
    for url in urls:
        assert website.title in keep(url).text

    Suggestion.objects.get().reject(by=make_staff(), reason="dead")

    for url in urls:
        assert website.title not in ask(url).text
    assert ask(website.get_absolute_url()).status == HTTPStatus.NOT_FOUND


def test_change_of_one_pageant_leaves_the_pages_of_others(entry):
    other = make_entry(make_pageant(slug="autumn"))
    keep("/pageants/spring/")
    keep("/pageants/autumn/")

    other.withdraw()

    assert is_kept("/pageants/spring/")
    assert not is_kept("/pageants/autumn/")


def test_what_nobody_sees_leaves_all_pages(entry, website):
    urls = ["/", "/pageants/spring/", "/websites/"]
    for url in urls:
        keep(url)

    make_entry(entry.pageant, status=Status.WAITING, hobbies=("cờ vua",))
    entry.touch()
    Entry.objects.filter(pk=entry.pk).update(email="")
    Suggestion.objects.update(next_check_at=timezone.now())

    assert all(is_kept(url) for url in urls)


def test_page_that_is_made_while_something_changes_is_made_once_more(entry):
    keep("/pageants/spring/")
    entry.touch()
    show = gallery.show

    def show_and_withdraw(*args):
        shown = show(*args)
        at_once(Entry.objects.get(pk=entry.pk).withdraw)  # by somebody else
        return shown

    front.RESPONSES.clear()
    views.PAGES.clear()
    with patch.object(gallery, "show", show_and_withdraw):
        assert "Trần Thị Lan" in ask("/pageants/spring/").text  # asked for before it was withdrawn

    assert "Trần Thị Lan" not in ask("/pageants/spring/").text


@pytest.mark.parametrize(
    ("later", "text"),
    [
        (timedelta(days=1, seconds=1), "8 days left"),
        (timedelta(days=9, hours=1), "Last day"),
        (timedelta(days=11), "Closed on"),
    ],
)
def test_days_that_are_left_count_down_at_their_moment(pageant, time_machine, later, text):
    start = pageant.closes_at - timedelta(days=10) + timedelta(seconds=1)
    time_machine.move_to(start, tick=False)
    assert "9 days left" in keep("/pageants/spring/").text

    time_machine.move_to(start + later - timedelta(seconds=2), tick=False)
    before = ask("/pageants/spring/")
    time_machine.move_to(start + later, tick=False)

    assert text in ask("/pageants/spring/").text
    assert ask("/pageants/spring/") == ask_anew("/pageants/spring/")
    assert ask("/").text == ask_anew("/").text
    assert before.status == HTTPStatus.OK


def test_lost_database_gives_no_kept_page(entry, monkeypatch):
    keep("/pageants/spring/")

    def fail(question):
        raise DatabaseError("gone")

    monkeypatch.setattr("core.kept_pages.versions.read", fail)

    assert ask("/pageants/spring/").status == HTTPStatus.INTERNAL_SERVER_ERROR


def test_emptied_database_does_not_look_like_the_old_one(entry):
    keep("/pageants/spring/")
    execute("DELETE FROM core_pageversion")

    assert not is_kept("/pageants/spring/")
    keep("/pageants/spring/")


def test_view_that_reads_what_has_no_version_is_not_kept(settings, rf):
    @kept("policy")
    def view(request):
        return views.HttpResponse(str(Entry.objects.count()))

    request = rf.get("/")
    request.LANGUAGE_CODE, request.resolver_match = "en", None
    with pytest.raises(NotKept, match="no topic of policy stands for pageant_entry"):
        view(request)

    settings.KEPT_PAGES_RAISE = False
    view(request)
    assert views.PAGES.pages == {}


def test_view_sees_nothing_of_the_reader(rf):
    seen = []

    @kept("policy")
    def view(request):
        seen.append((dict(request.COOKIES), request.META.get("REMOTE_ADDR"), request.headers.get("User-Agent")))
        return views.HttpResponse("")

    request = rf.get("/", HTTP_USER_AGENT="Firefox", HTTP_COOKIE="choice=1")
    request.LANGUAGE_CODE, request.resolver_match = "en", None
    view(request)

    assert seen == [({}, None, None)]


# For readers whose browser sends cookies


NUMBER = "0123456789abcdef" * 2


def answered(answers, *, days_ago=1):
    return f"choice=1:{NUMBER}:{int(time.time()) - days_ago * 86_400}:{answers}"


COOKIES = {
    "no to all": answered("-preferences:-statistics:-advertising"),
    "yes": answered("+preferences:+statistics:+advertising"),
    "likes": answered("+preferences") + "; preferences=v:1&language:vi&place:Hu%E1%BA%BF&hobby:h%C3%A1t&pageant:spring",
    "was here": answered("+preferences") + "; preferences=v:1&language:en&hobby:h%C3%A1t&seen:29000000&before:28000000",
    "answer ran out": answered("+preferences", days_ago=400) + "; preferences=v:1&hobby:h%C3%A1t",
    "not ours": "choice=yes; preferences=<script>",
}


def as_read(answer):
    """All of it, in an order of headers that means nothing, and without the second in which it was sent."""
    headers = sorted((name, re.sub("expires=[^;]*", "", value).strip()) for name, value in answer.headers)
    return answer.status, headers, gzip.decompress(answer.body) if answer["Content-Encoding"] else answer.body


def keep_for_reader(url, **environ):
    """Asks until only what is the reader's is made."""
    ask(url)
    for _time in range(2):
        answer = ask(url, **environ)
    assert is_kept(url, **environ)
    return answer


@pytest.mark.parametrize("cookie", COOKIES.values(), ids=COOKIES)
def test_kept_page_is_to_its_reader_what_django_sends(entry, website, cookie):
    make_cosponsorship(entry.pageant)
    for number, url in enumerate(pages(entry, website)):
        address = f"/vi{url}" if number % 2 and "xml" not in url else url
        environ = {"HTTP_COOKIE": cookie, **GZIP, **(SIGNAL if number % 3 else {})}
        assert as_read(keep_for_reader(address, **environ)) == as_read(ask_anew(address, **environ)), address


def test_a_reader_gets_nothing_of_another(entry):
    mine = keep_for_reader("/pageants/spring/", HTTP_COOKIE=COOKIES["likes"])
    others = ask("/pageants/spring/", HTTP_COOKIE=COOKIES["no to all"])
    nobodys = ask("/pageants/spring/")
    assert "preferences=" in mine["Set-Cookie"]
    assert others["Set-Cookie"] == nobodys["Set-Cookie"] == ""
    assert mine.body != others.body != nobodys.body


def test_what_is_taken_back_is_gone_for_readers_too(entry):
    url = "/pageants/spring/"
    assert "Trần Thị Lan" in keep_for_reader(url, HTTP_COOKIE=COOKIES["likes"]).text
    entry.withdraw()
    assert "Trần Thị Lan" not in ask(url, HTTP_COOKIE=COOKIES["likes"]).text


def test_reader_without_database_hears_of_it_from_django(entry):
    keep_for_reader("/", HTTP_COOKIE=COOKIES["likes"])
    with patch.object(front.Readers, "serve", side_effect=DatabaseError):
        assert ask("/", HTTP_COOKIE=COOKIES["likes"]).status == HTTPStatus.OK


@pytest.mark.parametrize(
    "cookie", [COOKIES["likes"], answered("-statistics"), "choice=x"], ids=["likes", "not counted", "not ours"]
)
def test_a_page_for_a_reader_leaves_the_same_lines_in_both_logs(entry, cookie):
    url = "/vi/pageants/spring/"
    keep_for_reader(url, HTTP_COOKIE=cookie)
    front.READ_PAGES.clear()
    forget_lines()

    ask(url, HTTP_COOKIE=cookie)
    ask(url, HTTP_COOKIE=cookie)

    fresh, hit = spooled("visits", without={1, 6})
    assert fresh == hit
    lines = [json.dumps(line) for line in spooled("audience", without=())]
    assert (len(lines), len(set(lines))) == (2, 1)


# As any other page


def test_browser_that_has_the_page_gets_304(entry):
    page = keep("/pageants/spring/", **GZIP)
    answer = ask("/pageants/spring/", HTTP_IF_NONE_MATCH=page["ETag"], **GZIP)

    gone = {"Content-Type", "Content-Length", "Content-Encoding"}
    assert (answer.status, answer.body) == (HTTPStatus.NOT_MODIFIED, b"")
    assert answer.headers == [(name, value) for name, value in page.headers if name not in gone]

    front.RESPONSES.clear()
    assert ask("/pageants/spring/", HTTP_IF_NONE_MATCH=f'"x", {page["ETag"]}', **GZIP) == answer
    entry.withdraw()
    assert ask("/pageants/spring/", HTTP_IF_NONE_MATCH=page["ETag"], **GZIP).status == HTTPStatus.OK


def test_caches_are_told_to_ask_each_time(entry, website):
    for url in pages(entry, website):
        page = ask(url)
        assert page["Cache-Control"] == "no-cache"
        assert "Accept-Language" not in page["Vary"]
        assert page["ETag"]
        assert "Set-Cookie" not in dict(page.headers)


def forget_lines():
    for spool in (visit_log.SPOOL, visitor_counts.SPOOL):
        spool.close()
    for file in settings.VISIT_SPOOL.glob("*.spool"):
        file.unlink()


def spooled(kind, *, without):
    """The lines of a spool, but for what differs from request to request."""
    lines = [
        json.loads(line)
        for file in sorted(settings.VISIT_SPOOL.glob(f"{kind}-*.spool"))
        for line in file.read_bytes().splitlines()
    ]
    return [[value for place, value in enumerate(line) if place not in without] for line in lines]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        SIGNAL,
        {"HTTP_USER_AGENT": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
        {"HTTP_SEC_PURPOSE": "prefetch"},
        {"HTTP_REFERER": "https://search.example/?q=lan", "REMOTE_ADDR": "2001:db8::1"},
        {"HTTP_IF_NONE_MATCH": "*"},
    ],
)
def test_kept_pages_are_logged_and_counted_like_fresh_ones(entry, environ):
    """By the fresh page first; times differ."""
    for url in ("/vi/pageants/spring/", "/pageants/spring/feed/"):
        keep(url, **environ)
        front.RESPONSES.clear()
        forget_lines()

        ask(url, **environ)
        ask(url, **environ)

        fresh, hit = spooled("visits", without={1, 6})
        assert fresh == hit
        assert len({json.dumps(line) for line in spooled("audience", without=())}) == (0 if "feed" in url else 1)
        assert len(spooled("audience", without=())) == (0 if "feed" in url else 2)


def test_jobs_are_done_in_passing_after_a_kept_page(pageant):
    keep("/pageants/spring/")

    with patch("core.jobs.do_in_passing") as do:
        assert is_kept("/pageants/spring/")

    assert do.called


# Memory and stampedes


def test_memory_holds_what_was_asked_for_last(pageant, settings):
    size = len(keep("/pageants/spring/").body)
    settings.KEPT_PAGES_BYTES = 12 * size

    for number in range(20):
        ask(f"/pageants/spring/?x={number}")

    assert is_kept("/pageants/spring/?x=19")
    assert not is_kept("/pageants/spring/")
    assert 0 < views.PAGES.size <= 6 * size
    assert 0 < front.RESPONSES.size <= 6 * size


def test_many_who_ask_at_once_have_the_page_made_once(entry):
    keep("/pageants/spring/")
    Entry.objects.get().withdraw()

    with patch.object(gallery, "show", side_effect=gallery.show) as show:
        answers = at_once(*[partial(ask, "/pageants/spring/")] * 6)

    assert show.call_count == 1
    assert {answer.body for answer in answers} == {ask_anew("/pageants/spring/").body}
