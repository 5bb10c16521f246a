"""The firewall, and the checks that keep everything behind it."""

import ast
import logging
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django.utils.http import http_date
from hypothesis import given
from hypothesis import strategies as st

from privacy.checks import check_cookies_of_packages, writes_cookie
from privacy.cookies.consent import Answer, Consent
from privacy.cookies.firewall import CookieFirewallMiddleware, CookieRefused, expire, set_cookie
from privacy.registry.declarations import REGISTRY
from privacy.registry.purposes import ASKED

DAY = 24 * 60 * 60
SOUND = {"max_age": 182 * DAY, "httponly": True, "samesite": "Lax"}
YES = Consent((Answer("a" * 32, timezone.now(), {purpose.key: True for purpose in ASKED}),))


def passed(response, **consent):
    """What is left of a response behind the firewall."""
    request = RequestFactory().get("/")
    for name, value in consent.items():
        setattr(request, name, value)
    return CookieFirewallMiddleware(lambda _request: response)(request)


def response_with(name, value="secret-value", **flags):
    response = HttpResponse()
    response.set_cookie(name, value, **{**SOUND, **flags})
    return response


REFUSED = {
    "undeclared": ("tracker", {}, "tracker: nobody has declared it"),
    "without consent": ("preferences", {}, "preferences: nobody has said yes to preferences"),
    "too long": ("choice", {"max_age": 182 * DAY + 1}, "choice: it lasts longer than declared"),
    "too long by its date": (
        "choice",
        {"max_age": None, "expires": http_date(timezone.now().timestamp() + 183 * DAY)},
        "choice: it lasts longer than declared",
    ),
    "with two ends": (
        "choice",
        {"expires": http_date(timezone.now().timestamp() + 999 * DAY)},
        "choice: it lasts longer than declared",
    ),
    "with an odd date": (
        "choice",
        {"max_age": None, "expires": "some day"},
        "choice: it lasts longer than declared",
    ),
    "open to scripts": ("choice", {"httponly": False}, "choice: scripts could read it"),
    "open to other sites": ("choice", {"samesite": "None"}, "choice: other sites could send it"),
    "silent about other sites": ("choice", {"samesite": None}, "choice: other sites could send it"),
    "bound to a path": ("choice", {"path": "/vi/"}, "choice: it isn't bound to this host as a whole"),
    "bound to a domain": ("choice", {"domain": "testserver"}, "choice: it isn't bound to this host as a whole"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_cookie_that_may_not_leave_raises_in_tests(kind):
    name, flags, reason = REFUSED[kind]

    with pytest.raises(CookieRefused) as refused:
        passed(response_with(name, **flags))
    assert str(refused.value) == reason


@pytest.mark.parametrize("kind", REFUSED)
def test_cookie_that_may_not_leave_is_dropped_and_logged_without_its_value(kind, settings, caplog):
    settings.COOKIE_FIREWALL_RAISES = False
    name, flags, reason = REFUSED[kind]
    response = response_with(name, **flags)
    set_cookie(response, "session", "x")

    assert list(passed(response).cookies) == ["session"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("privacy.cookies.firewall", logging.ERROR)
    assert record.getMessage() == "The cookie '{}' was dropped: {}.".format(*reason.split(": "))


def test_cookie_without_encryption_is_refused_under_https(settings):
    settings.HTTPS = True

    with pytest.raises(CookieRefused, match="without encryption"):
        passed(response_with("choice"))
    assert list(passed(response_with("choice", secure=True)).cookies) == ["choice"]


def test_cookie_for_one_visit_may_not_outlive_it(monkeypatch):
    from privacy.registry.declarations import Cookie  # noqa: PLC0415
    from privacy.registry.purposes import SECURITY  # noqa: PLC0415

    once = Cookie(name="once", purpose=SECURITY, holds="", set_when="", lifetime=None)
    monkeypatch.setitem(REGISTRY.cookies, "once", once)

    assert list(passed(response_with("once", max_age=None)).cookies) == ["once"]
    with pytest.raises(CookieRefused, match="longer"):
        passed(response_with("once", max_age=1))


@pytest.mark.parametrize(
    ("value", "name"), [("tracker=1; Max-Age=60", "tracker"), ("choice=1; Path=/", "choice"), ("", ""), ("secret", "")]
)
def test_cookie_written_as_a_header_is_dropped(value, name, settings, caplog):
    settings.COOKIE_FIREWALL_RAISES = False
    response = HttpResponse(headers={"Set-Cookie": value})

    assert "Set-Cookie" not in passed(response).headers
    assert [record.getMessage() for record in caplog.records] == [
        f"The cookie '{name}' was dropped: it was written as a header, past set_cookie."
    ]


@pytest.mark.parametrize("name", sorted({"choice", "preferences", "session", "csrf"}))
def test_declared_cookie_leaves_with_its_lifetime_and_flags(name):
    response = HttpResponse()
    set_cookie(response, name, "x")
    declared = REGISTRY.cookies[name]

    morsel = passed(response, consent=YES).cookies[name]

    assert (morsel["max-age"], morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (
        declared.lifetime.total_seconds(),
        True,
        "Lax",
        "/",
        "",
    )


def test_stricter_and_shorter_cookie_leaves():
    response = response_with("choice", max_age=60, samesite="Strict")

    assert list(passed(response).cookies) == ["choice"]


@pytest.mark.parametrize("name", ["choice", "preferences", "tracker"])
def test_cookie_may_always_be_taken_back(name):
    response = HttpResponse()
    response.delete_cookie(name)

    assert passed(response).cookies[name]["max-age"] == 0


def test_expired_cookie_that_holds_something_is_no_exception():
    with pytest.raises(CookieRefused):
        passed(response_with("tracker", max_age=0))


def test_expiring_names_the_cookie_and_nothing_else():
    response = HttpResponse()
    expire(response, "preferences")

    assert (response.cookies["preferences"].value, response.cookies["preferences"]["max-age"]) == ("", 0)


@given(
    age=st.one_of(st.none(), st.integers(-(10**15), 10**15)),
    http_only=st.booleans(),
    same_site=st.sampled_from([None, "None", "lax", "Lax", "Strict"]),
    path=st.sampled_from(["/", "/vi/", ""]),
)
def test_whatever_leaves_is_as_strict_as_declared(age, http_only, same_site, path):
    response = HttpResponse()
    response.set_cookie("choice", "x", httponly=http_only, samesite=same_site, path=path)
    if age is not None:
        response.cookies["choice"]["max-age"] = age
    sound = (age is None or age <= 182 * DAY) and http_only and same_site in {"lax", "Lax", "Strict"} and path == "/"

    try:
        left = list(passed(response).cookies)
    except CookieRefused:
        left = []
    assert left == (["choice"] if sound else [])


@pytest.mark.django_db
def test_cookie_of_a_package_passes_the_firewall(client, settings):
    settings.CSRF_COOKIE_AGE = settings.CSRF_COOKIE_AGE + DAY

    with pytest.raises(CookieRefused, match="csrf: it lasts longer"):
        client.get("/admin/login/")


@pytest.mark.django_db
def test_staff_signs_in_with_declared_cookies_only(client, settings):
    client.get("/admin/login/")

    assert client.cookies.keys() <= REGISTRY.cookies.keys()


# Checks


def test_project_passes_its_own_checks():
    assert [message for message in run_checks(tags=["privacy"]) if message.id in {"privacy.E010", "privacy.E011"}] == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SESSION_COOKIE_NAME", "sid", "A package sets the cookie sid, and nobody has declared it."),
        ("SESSION_COOKIE_AGE", 99 * DAY, "A package sets the cookie session, and it is declared for a shorter time."),
        ("CSRF_COOKIE_NAME", "token", "A package sets the cookie token, and nobody has declared it."),
        ("CSRF_COOKIE_AGE", 999 * DAY, "A package sets the cookie csrf, and it is declared for a shorter time."),
        (
            "MESSAGE_STORAGE",
            "django.contrib.messages.storage.fallback.FallbackStorage",
            "A package sets the cookie messages, and nobody has declared it.",
        ),
    ],
)
def test_check_finds_what_packages_would_set(settings, name, value, told):
    setattr(settings, name, value)

    assert [(message.id, message.msg) for message in check_cookies_of_packages(None)] == [("privacy.E010", told)]


@pytest.mark.parametrize(
    ("name", "value"), [("SESSION_EXPIRE_AT_BROWSER_CLOSE", True), ("CSRF_USE_SESSIONS", True), ("MIDDLEWARE", [])]
)
def test_check_says_nothing_of_cookies_that_are_shorter_or_not_set(settings, name, value):
    setattr(settings, name, value)

    assert check_cookies_of_packages(None) == []


@pytest.mark.parametrize(
    ("code", "writes"),
    [
        ("response.set_cookie('a', 'b')", True),
        ("response.set_signed_cookie('a', 'b')", True),
        ("response.cookies['a'] = 'b'", True),
        ("answer().cookies['a'] = 'b'", True),
        ("set_cookie(response, 'a', 'b')", False),
        ("response.delete_cookie('a')", False),
        ("request.cookies['a']", False),
        ("REGISTRY.cookies[name] = cookie", False),
        ("'response.set_cookie()'", False),
    ],
)
def test_check_finds_code_that_writes_cookies(code, writes):
    assert any(map(writes_cookie, ast.walk(ast.parse(code)))) is writes


def test_check_names_file_and_line(settings, tmp_path, monkeypatch):
    from privacy import checks  # noqa: PLC0415

    file = tmp_path / "views.py"
    file.write_text("# a cookie\nresponse.set_cookie('a', 'b')\n")
    monkeypatch.setattr(checks, "files_of_project", lambda: [file])
    settings.BASE_DIR = tmp_path

    assert [message.msg for message in checks.check_writers_of_cookies(None)] == ["views.py:2 writes a cookie."]


def test_every_cookie_says_all_that_the_table_shows():
    bare = [name for name, cookie in REGISTRY.cookies.items() if not (cookie.holds and cookie.set_when)]

    assert bare == []
    assert REGISTRY.cookies["choice"].lifetime == REGISTRY.cookies["preferences"].lifetime == timedelta(days=182)
