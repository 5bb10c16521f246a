"""Error pages in the visitor's language. None of them queries the database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.file_storage import StorageAway, is_full

MOMENT = 10  # seconds until photos may be sent again
# Seconds after which it is worth trying again: forms with a script do so by themselves after the short one
AWAY_WAIT, FULL_WAIT = 10, 300

DISK_FULL = "53100"  # PostgreSQL's code


def page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        400,
        _("We could not understand that"),
        _("This request is not one that our pages would send. Please go back and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403, _("You cannot open this page"), _("You may need to sign in with another account."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request,
        403,
        _("This did not come from our page"),
        _("Your browser says that this was sent from somewhere else. Please open our page and send it from there."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(
        request,
        404,
        _("There is nothing here"),
        _("The address may be mistyped, or what was here has been withdrawn."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        413,
        _("That is too much at once"),
        _("All your pictures together can take up to 75 MB. Please go back and choose fewer or smaller ones."),
    )


def too_many(request: HttpRequest, wait: int, *, advice: str = "") -> HttpResponse:
    """Asks the visitor to come back in `wait` seconds. `advice` says what can be done until then."""
    response = page(request, 429, _("Too many tries"), f"{too_many_text(wait)} {advice}".rstrip())
    response["Retry-After"] = str(wait)
    return response


def one_moment(request: HttpRequest) -> HttpResponse:
    """For a form with photos that nobody has time to receive. The script of the form sends it again by itself."""
    response = page(
        request,
        429,
        _("One moment, please"),
        _(
            "A lot of photos are arriving right now. Please go back and send your form again in a few seconds: it "
            "still holds all that you entered."
        ),
    )
    response["Retry-After"] = str(MOMENT)
    return response


def too_many_text(wait: int) -> str:
    minutes = -(-wait // 60)
    if minutes < 60:
        text = ngettext("Please try again in %(count)d minute.", "Please try again in %(count)d minutes.", minutes)
        return text % {"count": minutes}
    hours = -(-minutes // 60)
    text = ngettext("Please try again in %(count)d hour.", "Please try again in %(count)d hours.", hours)
    return text % {"count": hours}


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if is_disk_full(error):
        return unavailable(request, FULL_WAIT, _("We have no room left"), _("Our disk is full; we have been told."))
    if is_database_away(error):
        return unavailable(
            request, AWAY_WAIT, _("Back in a moment"), _("Our database is not answering. Please try again in a minute.")
        )
    if isinstance(error, StorageAway):
        return unavailable(
            request,
            AWAY_WAIT,
            _("Back in a moment"),
            _("Our store of photos is not answering. Please try again in a minute."),
        )
    return page(
        request,
        500,
        _("Something broke on our side"),
        _("It is not your fault. We have been told; please try again in a little while."),
    )


def unavailable(request: HttpRequest, wait: int, title: str, text: str) -> HttpResponse:
    """Asks the visitor to come back in `wait` seconds and send it again: browsers keep what was typed."""
    if request.method == "POST":
        text += " " + _(
            "We could not take what you sent. Go back: most browsers still have what you typed, so you can send it "
            "again."
        )
    response = page(request, 503, title, text)
    response["Retry-After"] = str(wait)
    return response


def is_disk_full(error: BaseException | None) -> bool:
    if isinstance(error, OperationalError):
        codes = {getattr(error.__cause__, name, None) for name in ("pgcode", "sqlite_errorname")}
        return bool(codes & {DISK_FULL, "SQLITE_FULL"})
    return is_full(error)


def is_database_away(error: BaseException | None) -> bool:
    """Whether it cannot be reached, is busy or is shutting down. SQLite raises the same error for mistakes in SQL."""
    if isinstance(error, OperationalError):
        return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"
    return isinstance(error, InterfaceError)
