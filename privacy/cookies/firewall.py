"""Sets declared cookies, and drops every other cookie from responses.

Cookies are declared in `personal_data.py` (see privacy/registry/declarations.py). Whether our code or a package sets
one, it passes through the firewall. A cookie that isn't declared, isn't consented to or is laxer than declared is
dropped and logged, without its value.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.cookies import Morsel

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_http_date_safe

from privacy.cookies.consent import consent_of, was_read
from privacy.registry.declarations import REGISTRY, Cookie

logger = logging.getLogger(__name__)

STRICTNESS = ("none", "lax", "strict")  # of SameSite, the laxest first


class CookieRefused(Exception):
    """A response held a cookie that may not be set. Only raised with COOKIE_FIREWALL_RAISES."""


def set_cookie(response: HttpResponseBase, name: str, value: str) -> None:
    """Sets a declared cookie with its declared lifetime and flags."""
    cookie = REGISTRY.cookies[name]
    response.set_cookie(
        name,
        value,
        max_age=cookie.lifetime,
        secure=settings.HTTPS,
        httponly=cookie.http_only,
        samesite=cookie.same_site,
    )


def expire(response: HttpResponseBase, name: str) -> None:
    response.delete_cookie(name, samesite=REGISTRY.cookies[name].same_site)


class CookieFirewallMiddleware:
    """Stands outside everything that may set a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if was_read(request):
            expire_unconsented(request, response)
            tell_caches(request, response)
        refusals = list(drop_refused(request, response))
        if refusals and settings.COOKIE_FIREWALL_RAISES:
            raise CookieRefused("; ".join(refusals))
        return response


def expire_unconsented(request: HttpRequest, response: HttpResponseBase) -> None:
    """Expires cookies that the browser still holds after a withdrawal, or when the answer has expired."""
    for name, cookie in REGISTRY.cookies.items():
        if name in request.COOKIES and not is_consented(cookie, request):
            expire(response, name)


def tell_caches(request: HttpRequest, response: HttpResponseBase) -> None:
    """Lets caches share a page among visitors who haven't chosen; those who have get their own."""
    patch_vary_headers(response, ["Cookie", "Sec-GPC"])
    if consent_of(request).is_made or response.cookies:
        patch_cache_control(response, private=True)


def drop_refused(request: HttpRequest, response: HttpResponseBase) -> Iterator[str]:
    """Removes cookies that may not be set from the response, and yields why."""
    for name, morsel in list(response.cookies.items()):
        if why := reason_against(morsel, request):
            del response.cookies[name]
            yield refuse(name, why)
    if "Set-Cookie" in response.headers:
        name, is_named, _value = response.headers["Set-Cookie"].partition("=")
        del response.headers["Set-Cookie"]
        yield refuse(name if is_named else "", "it was written as a header, past set_cookie")


def refuse(name: str, why: str) -> str:
    logger.error("The cookie %r was dropped: %s.", name, why)
    return f"{name}: {why}"


def reason_against(morsel: Morsel, request: HttpRequest) -> str:
    """Why a cookie may not be set; empty if it may."""
    if not morsel.value and str(morsel["max-age"]) == "0":
        return ""  # it is being deleted
    cookie = REGISTRY.cookies.get(morsel.key)
    if cookie is None:
        return "nobody has declared it"
    if not is_consented(cookie, request):
        return f"nobody has said yes to {cookie.purpose.key}"
    return laxer_than_declared(morsel, cookie)


def is_consented(cookie: Cookie, request: HttpRequest) -> bool:
    return not cookie.purpose.asked or consent_of(request).allows(cookie.purpose)


def laxer_than_declared(morsel: Morsel, cookie: Cookie) -> str:
    if lasts_longer(morsel, cookie.lifetime):
        return "it lasts longer than declared"
    if cookie.http_only and not morsel["httponly"]:
        return "scripts could read it"
    if strictness(morsel["samesite"]) < strictness(cookie.same_site):
        return "other sites could send it"
    if settings.HTTPS and not morsel["secure"]:
        return "it would leave without encryption"
    if morsel["path"] != "/" or morsel["domain"]:
        return "it isn't bound to this host as a whole"
    return ""


def lasts_longer(morsel: Morsel, lifetime: timedelta | None) -> bool:
    """An unreadable end counts as too late; a cookie without one lasts until the browser is closed."""
    longest = lifetime.total_seconds() if lifetime else 0
    ends: list[float | None] = []
    if morsel["max-age"] != "":
        ends.append(seconds_in(str(morsel["max-age"])))
    if morsel["expires"]:
        moment = parse_http_date_safe(morsel["expires"])
        ends.append(None if moment is None else moment - time.time())
    return any(end is None or end > longest for end in ends)


def seconds_in(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else None


def strictness(same_site: str) -> int:
    word = str(same_site).lower()
    return STRICTNESS.index(word) if word in STRICTNESS else -1
