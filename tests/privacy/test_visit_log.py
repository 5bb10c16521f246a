"""The visit log: what a request leaves behind, and what not."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import jobs
from core.http.user_agents import NAMES
from core.log_redaction import path_without_tokens
from privacy.models import Visit, VisitHour
from privacy.traffic import visit_log
from privacy.traffic.visit_log import read, referring_host, take
from tests.pageant.factories import make_pageant

TOKEN = "x7Jq-_0aVbQd3kLmN9pRsTuWyZ2cEfGhIjKoPx8-SdF"  # as long and of the same letters as real ones
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
GOOD = [2, 1772330400000, "203.0.113.7", "GET", "/", 200, 3, "", "Firefox", 0]
OLD = [1, *GOOD[1:-1]]  # as a spool of the version before holds it


def spooled(settings):
    return b"".join(path.read_bytes() for path in sorted(settings.VISIT_SPOOL.glob("visits-*.spool")))


def logged(settings):
    return [json.loads(line) for line in spooled(settings).splitlines()]


# What is written


@pytest.mark.django_db
def test_request_leaves_one_line(client, settings, time_machine):
    time_machine.move_to("2026-03-01T09:00:00+07:00", tick=False)
    make_pageant(slug="spring")
    client.get(
        "/vi/pageants/spring/?q=secret",
        headers={"user-agent": FIREFOX, "referer": "https://Search.example:8443/find?q=secret"},
        REMOTE_ADDR="203.0.113.7",
    )

    ((*line, milliseconds, referrer, browser, prefetch),) = logged(settings)
    assert line == [2, 1772330400000, "203.0.113.7", "GET", "/vi/pageants/spring/", 200]
    assert (0 <= milliseconds < 10_000, referrer, browser, prefetch) == (True, "search.example", "Firefox", 0)
    assert b"secret" not in spooled(settings)


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), [("/nothing/", 404), ("/favicon.ico", 302), ("/admin/", 302)])
def test_each_answer_is_logged(client, settings, address, status):
    client.get(address)

    assert [(line[4], line[5]) for line in logged(settings)] == [(address, status)]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/static/css/base.css", "/static/favicon.svg"])
def test_files_and_health_are_not_logged(client, settings, address):
    response = client.get(address)
    response.close()  # a file

    assert (response.status_code, spooled(settings)) == (200, b"")


@pytest.mark.django_db
def test_page_that_breaks_is_logged(settings):
    settings.ROOT_URLCONF = "tests.core.broken_urls"
    Client(raise_request_exception=False).get("/broken/")

    assert [(line[4], line[5]) for line in logged(settings)] == [("/broken/", 500)]


def test_exception_passes_and_is_logged(settings):
    def broken(request):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        visit_log.VisitMiddleware(broken)(RequestFactory().get("/x/"))

    assert [(line[4], line[5]) for line in logged(settings)] == [("/x/", 500)]


@pytest.mark.django_db
def test_request_asks_the_database_nothing_for_it(client, django_assert_num_queries, settings):
    settings.WORK = "worker"
    with django_assert_num_queries(0):
        client.get("/robots.txt")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.9", "203.0.113.7"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "1.1.1.1, 198.51.100.9", "198.51.100.9"),
        (2, "1.1.1.1, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (1, "nonsense", "203.0.113.7"),
        (1, "2001:DB8::0001", "2001:db8::1"),
    ],
)
def test_address_is_that_of_the_client(client, settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    client.get("/robots.txt", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="203.0.113.7")
    visit_log.load()

    assert [one.address for one in Visit.objects.all()] == [expected]


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/vi"])
@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/privacy/you/{}/", "/privacy/you/…/"),
        ("/privacy/you/{}", "/privacy/you/…"),
        ("/privacy/you/{}/download/", "/privacy/you/…/…"),
        ("/privacy/you/{}/entries/0123/edit/", "/privacy/you/…/…"),
        ("/privacy/you//{}/", "/privacy/you//…/"),
        ("/Privacy/You/{}/", "/Privacy/You/…/"),
        ("/privacy/you/erased/{}/", "/privacy/you/…/…"),
        ("/pageants/spring/enter/{}/0123/", "/pageants/spring/enter/…/…"),
        ("/elsewhere/{}", "/elsewhere/…"),
        ("/elsewhere/{}.", "/elsewhere/…."),
    ],
)
def test_tokens_reach_neither_spool_nor_table(client, settings, prefix, address, kept):
    client.get(prefix + address.format(TOKEN))
    before = spooled(settings)
    visit_log.load()

    assert TOKEN.encode() not in before
    assert TOKEN[:20].encode() not in before
    assert [one.path for one in Visit.objects.all()] == [prefix + kept]


@pytest.mark.parametrize(
    "path",
    ["/", "/privacy/you/", "/privacy/you/asked/", "/privacy/you/closed/", "/pageants/x/enter/",
     "/pageants/x/enter/sent/", "/media/photos/ab/0123456789abcdef0123456789abcdef-1280.avif",
     "/pageants/" + "long-" * 12 + "slug/"],
)  # fmt: skip
def test_other_paths_are_kept_as_they_are(path):
    assert path_without_tokens(path) == path


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.google.com/search?q=x", "www.google.com"),
        ("https://user:pass@example.org:8000/x", "example.org"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("https://testserver/vi/", ""),
        ("https://other.example", "other.example"),
        ("https://own.example:8000/x", ""),
        ("android-app://com.example/", ""),
        ("https://<script>/", ""),
        ('https://a"b.example/', ""),
        ("nonsense", ""),
        ("", ""),
        ("https://", ""),
        ("https://" + "a" * 300, ""),
    ],
)
def test_of_a_referrer_only_another_sites_host_is_kept(referrer, host):
    assert referring_host(referrer, "own.example:9000") == host


# Whatever a stranger sends


ODD = st.text(st.characters(codec="utf-8"), max_size=1000)


@pytest.mark.django_db
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(path=ODD, method=ODD, agent=ODD, referrer=ODD, forwarded=ODD)
def test_whatever_is_sent_makes_one_line_that_can_be_read(path, method, agent, referrer, forwarded):
    environ = {"HTTP_USER_AGENT": agent, "HTTP_REFERER": referrer, "HTTP_X_FORWARDED_FOR": forwarded}

    line = visit_log.line_of({**environ, "REQUEST_METHOD": method}, "/" + path, 200, 0.001)

    assert (b"\n" in line, len(line) < 4000) == (False, True)
    assert ("\0" in path + method) or read(line) is not None


LINES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.one_of(st.integers(), st.text(st.characters(), max_size=50), st.floats(), st.booleans(), st.none()),
        min_size=9,
        max_size=10,
    ).map(lambda values: json.dumps(values).encode()),
    st.tuples(st.integers(0, 9), st.one_of(st.integers(), st.text(st.characters()), st.none(), st.just([]))).map(
        lambda change: json.dumps([change[1] if at == change[0] else one for at, one in enumerate(GOOD)]).encode()
    ),
)


@pytest.mark.django_db
@given(st.lists(LINES, max_size=10))
def test_line_is_taken_in_or_set_aside_and_never_fatal(lines):
    before = Visit.objects.count()

    aside = take([*lines, json.dumps(GOOD).encode()])

    assert Visit.objects.count() - before == len(lines) - len(aside) + 1
    assert json.dumps(GOOD).encode() not in aside or json.dumps(GOOD).encode() in lines


@pytest.mark.parametrize(
    "change",
    [(0, 1), (0, 3), (0, True), (1, -1), (1, 2**60), (1, 1.5), (2, "x"), (2, 3), (2, None), (3, "a\0"), (4, "x" * 501),
     (4, "\ud800"), (5, 99), (5, 600), (5, True), (6, -1), (6, 2**31), (7, "x" * 256), (8, "Netscape"), (8, []),
     (9, 2), (9, True), (9, "0")],
)  # fmt: skip
def test_line_that_is_not_ours_is_not_read(change):
    at, value = change
    line = [value if number == at else one for number, one in enumerate(GOOD)]

    assert read(json.dumps(line).encode()) is None
    assert read(json.dumps(GOOD).encode()) is not None


@pytest.mark.parametrize(("line", "prefetch"), [(GOOD, False), ([*GOOD[:-1], 1], True), (OLD, False)])
def test_lines_of_both_versions_are_read(line, prefetch):
    assert read(json.dumps(line).encode()) == (*GOOD[1:6], 2, *GOOD[6:9], prefetch)


def test_old_line_has_nothing_more():
    assert read(json.dumps([*OLD, 0]).encode()) is None


# What is loaded


@pytest.mark.django_db
def test_line_becomes_a_visit_and_is_added_to_its_hour():
    lines = [[*GOOD[:5], status, *GOOD[6:]] for status in (200, 304, 404, 500)]
    later = [GOOD[0], GOOD[1] + 3_600_000, *GOOD[2:]]
    ahead = [[*GOOD[:5], status, *GOOD[6:-1], 1] for status in (200, 404)]
    take([json.dumps(line).encode() for line in [*lines, later, *ahead]])
    take([json.dumps(OLD).encode()])

    visit = Visit.objects.filter(status=404, is_prefetch=False).get()
    found = [visit.at, visit.address, visit.method, visit.path, visit.status_class, visit.milliseconds, visit.browser]
    at = datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert found == [at, "203.0.113.7", "GET", "/", 4, 3, "Firefox"]
    assert [*VisitHour.objects.order_by("hour").values_list("hour", "requests", "refused", "failed", "prefetches")] == [
        (at, 7, 2, 1, 1),
        (at.replace(hour=3), 1, 0, 0, 0),
    ]
    assert Visit.objects.filter(is_prefetch=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_visits_are_loaded_in_passing_without_a_worker(client, settings):
    settings.WORK = "inline"
    jobs.cache.delete("job:privacy.jobs.load_visits")
    client.get("/robots.txt")

    assert [one.path for one in Visit.objects.all()] == ["/robots.txt"]


@pytest.mark.django_db(transaction=True)
def test_visits_are_left_to_the_worker(client, settings):
    settings.WORK = "worker"
    jobs.cache.delete("job:privacy.jobs.load_visits")
    client.get("/robots.txt")

    assert Visit.objects.count() == 0


@pytest.mark.django_db
def test_old_sums_go(time_machine):
    time_machine.move_to("2026-03-01T12:00:00+07:00")
    for year in (2023, 2025):
        VisitHour.objects.create(hour=datetime(year, 12, 1, tzinfo=UTC))
    visit_log.forget_old_sums()

    assert [one.hour.year for one in VisitHour.objects.all()] == [2025]


def test_names_of_browsers_fit():
    assert max(map(len, NAMES)) <= Visit._meta.get_field("browser").max_length
