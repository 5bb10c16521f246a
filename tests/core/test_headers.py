"""The headers that protect visitors, on every kind of response."""

import json
import re

import pytest
from django.test import Client

from pageant.models import Photo
from tests.core.concurrency import run
from tests.pageant.factories import make_entry, make_pageant

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
DENIED = {"camera", "microphone", "geolocation", "payment", "usb", "browsing-topics", "display-capture", "midi"}
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def policy_of(headers):
    parts = [part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";") if part.strip()]
    return {name: "".join(rest) for name, *rest in parts}


def check(headers, *, referrer="strict-origin-when-cross-origin"):
    assert policy_of(headers) == POLICY
    assert {name: headers.get(name) for name in OTHERS} == OTHERS
    assert headers.get("Referrer-Policy") == referrer
    features = dict(part.strip().split("=") for part in headers["Permissions-Policy"].split(","))
    assert (set(features.values()), DENIED - set(features)) == ({"()"}, set())


class Closing(Client):
    """Closes each response, and with it the file that it is."""

    def request(self, **request):
        response = super().request(**request)
        if response.streaming:
            response.close()
        return response


@pytest.fixture
def client():
    return Closing(raise_request_exception=False)


@pytest.fixture
def entry():
    return make_entry(make_pageant(slug="faces"))


def too_often(client):
    for _ in range(3):
        client.post("/privacy/you/", {"email": "anh@example.com"})
    return client.post("/privacy/you/", {"email": "anh@example.com"})


def picture(client):
    home = client.get("/").content.decode()
    return client.get(re.search(r'/media/photos/[^" ,]+', home)[0])


def not_modified(client):
    first = client.get("/static/css/tokens.css")
    return client.get("/static/css/tokens.css", headers={"if-modified-since": first["Last-Modified"]})


ANSWERS = {
    "a page": (200, lambda client: client.get("/")),
    "a page in Vietnamese": (200, lambda client: client.get("/vi/pageants/")),
    "a page without body": (200, lambda client: client.head("/")),
    "an entry": (200, lambda client: client.get("/pageants/faces/")),
    "a form": (200, lambda client: client.get("/privacy/you/")),
    "a form with errors": (200, lambda client: client.post("/privacy/you/", {"email": "x"})),
    "robots.txt": (200, lambda client: client.get("/robots.txt")),
    "a sitemap": (200, lambda client: client.get("/sitemap.xml")),
    "a feed": (200, lambda client: client.get("/pageants/faces/feed/")),
    "healthz": (200, lambda client: client.get("/healthz")),
    "readyz": (200, lambda client: client.get("/readyz")),
    "security.txt": (200, lambda client: client.get("/.well-known/security.txt")),
    "a style sheet": (200, lambda client: client.get("/static/css/tokens.css")),
    "a style sheet that is known": (304, not_modified),
    "a published picture": (200, picture),
    "the staff's login": (200, lambda client: client.get("/admin/login/")),
    "a redirect": (302, lambda client: client.get("/favicon.ico")),
    "a redirect to the slash": (301, lambda client: client.get("/pageants")),
    "a redirect to the login": (302, lambda client: client.get("/admin/")),
    "a redirect after a post": (302, lambda client: client.post("/privacy/you/", {"email": "anh@example.com"})),
    "400": (400, lambda client: client.get("/%00")),
    "400 for a query": (400, lambda client: client.get("/pageants/faces/?after=1-1&" + "x=1&" * 1000)),
    "400 for a host": (400, lambda client: client.get("/", headers={"host": "evil.example"})),
    "403": (403, lambda client: client.get("/forbidden/")),
    "403 for an origin": (403, lambda client: client.post("/privacy/you/", headers={"sec-fetch-site": "cross-site"})),
    "404": (404, lambda client: client.get("/nothing/")),
    "404 of a style sheet": (404, lambda client: client.get("/static/css/nothing.css")),
    "404 of a picture": (404, lambda client: client.get(f"/media/photos/00/{'0' * 32}-320.jpg")),
    "405": (405, lambda client: client.post("/")),
    "413": (413, lambda client: client.generic("POST", "/privacy/you/", b"", CONTENT_LENGTH="99999999999")),
    "429": (429, too_often),
    "500": (500, lambda client: client.get("/broken/")),
    "500 for a query": (500, lambda client: client.get("/broken-query/")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ANSWERS)
def test_headers_are_on_every_kind_of_response_and_cookies_on_the_staffs_only(client, entry, settings, kind):
    settings.ROOT_URLCONF = "tests.core.broken_urls"
    status, ask = ANSWERS[kind]

    response = ask(client)

    assert response.status_code == status
    check(response.headers)
    assert (client.cookies != {}) is (kind == "the staff's login")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["a page", "404", "500", "400", "429", "a redirect", "a form with errors", "403"])
def test_page_may_not_be_framed_by_old_browsers_either(client, entry, settings, kind):
    settings.ROOT_URLCONF = "tests.core.broken_urls"

    assert ANSWERS[kind][1](client)["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["a page", "an entry", "a form", "404", "500"])
def test_page_has_nothing_inline_that_the_policy_would_stop(client, entry, settings, kind):
    settings.ROOT_URLCONF = "tests.core.broken_urls"
    html = ANSWERS[kind][1](client).content.decode()

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)", html) == []


@pytest.mark.django_db
def test_picture_is_kept_by_browsers_and_not_by_shared_caches(client, entry):
    assert Photo.objects.public().count() == 1
    assert picture(client)["Cache-Control"] == "private, max-age=300, must-revalidate"


# Under HTTPS, which is a matter of SITE_URL when the site starts: so in a process of its own.

ASKING = """
import json, pathlib, sys
import django
from django.test import Client
import vietmusic.settings as settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STATIC_ROOT = settings.BASE_DIR / "static"
django.setup()
client = Client(raise_request_exception=False)
answers = {}
for name, (address, options) in json.loads(pathlib.Path(sys.argv[1]).read_text()).items():
    response = client.get(address, **options)
    cookies = {key: {k: v for k, v in morsel.items() if v} for key, morsel in response.cookies.items()}
    answers[name] = [response.status_code, dict(response.headers), cookies]
print(json.dumps(answers))
"""
OVER_HTTPS = {
    "a page": ["/privacy/you/", {"secure": True}],
    "a style sheet": ["/static/css/tokens.css", {"secure": True}],
    "404": ["/nothing/", {"secure": True}],
    "400": ["/%00", {"secure": True}],
    "400 for a host": ["/", {"secure": True, "headers": {"host": "evil.example"}}],
    "healthz": ["/healthz", {"secure": True}],
    "a redirect": ["/pageants", {"secure": True}],
    "the staff's login": ["/admin/login/", {"secure": True}],
}
OVER_HTTP = {
    "plain": ["/pageants/?q=1", {}],
    "plain in Vietnamese": ["/vi/", {}],
    "plain healthz": ["/healthz", {}],
    "plain readyz": ["/readyz", {}],
    "plain with a hostile host": ["/", {"headers": {"host": "evil.example"}}],
    "plain behind no proxy": ["/pageants", {"headers": {"x-forwarded-proto": "https"}}],
}
HSTS = "max-age=63072000; includeSubDomains; preload"


def ask_under_https(checkout, folder, **variables):
    questions = folder / "questions.json"
    questions.write_text(json.dumps({**OVER_HTTPS, **OVER_HTTP}))
    headers = {
        "SECRET_KEY": "only-for-tests-" + "x" * 40,
        "ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
    }
    database = f"sqlite:///{folder / 'db.sqlite3'}"
    answer = run(
        ["-c", ASKING, str(questions)],
        cwd=checkout,
        SITE_URL="https://testserver",
        WORK="worker",
        DATABASE_URL=database,
        **headers,
        **variables,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def https(checkout, tmp_path_factory):
    """What the site answers where SITE_URL begins with https."""
    return ask_under_https(checkout, tmp_path_factory.mktemp("https"))


@pytest.mark.parametrize("kind", OVER_HTTPS)
def test_headers_over_https_hold_strict_transport(https, kind):
    _status, headers, _cookies = https[kind]

    assert headers.get("Strict-Transport-Security") == HSTS
    check(headers)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("a page", 200),
        ("a style sheet", 200),
        ("404", 404),
        ("400", 400),
        ("400 for a host", 400),
        ("healthz", 200),
        ("plain healthz", 200),
        ("plain readyz", 503),
    ],
)
def test_site_over_https_answers_as_usual(https, kind, status):
    assert https[kind][0] == status


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("plain", "https://testserver/pageants/?q=1"),
        ("plain in Vietnamese", "https://testserver/vi/"),
        ("plain behind no proxy", "https://testserver/pageants"),
    ],
)
def test_plain_http_leads_to_https(https, kind, address):
    status, headers, _cookies = https[kind]

    assert (status, headers["Location"]) == (301, address)
    check(headers)


def test_plain_http_leads_to_no_other_host(https):
    status, headers, _cookies = https["plain with a hostile host"]

    assert (status, headers.get("Location")) == (400, None)


def test_cookies_under_https_are_bound_to_the_host(https):
    cookies = https["the staff's login"][2]

    assert {
        name: {k: v for k, v in options.items() if k not in {"expires", "max-age"}} for name, options in cookies.items()
    } == {"__Host-csrf": {"path": "/", "secure": True, "httponly": True, "samesite": "Lax"}}


def test_visitors_under_https_get_no_cookie(https):
    assert [kind for kind, (_status, _headers, cookies) in https.items() if cookies] == ["the staff's login"]


def test_trusted_proxy_may_say_that_it_is_https(checkout, tmp_path):
    answers = ask_under_https(checkout, tmp_path, TRUSTED_PROXIES="1")

    claimed, plain = answers["plain behind no proxy"], answers["plain"]
    assert (claimed[1]["Location"], plain[1]["Location"]) == ("/pageants/", "https://testserver/pageants/?q=1")
