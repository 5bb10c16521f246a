"""The pages on which staff turn their second factor on and off."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from staff import second_factor
from staff.admin.sign_in import CodeForm, answer

PAGE = "admin:second_factor"

View = Callable[[HttpRequest], HttpResponse]


def posted(view: View) -> View:
    """Leads to the page where anything else comes in: signing in again leads to the address of the post."""

    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        return view(request) if request.method == "POST" else redirect(PAGE)

    return wrapper


class ConfirmationForm(CodeForm):
    """Takes the first code of an app, which proves that it has the secret."""

    def is_right(self, code: str) -> bool:
        self.device = second_factor.confirm(self.user, code)
        return self.device is not None


def show(request: HttpRequest) -> HttpResponse:
    return page(request, CodeForm(request=request, user=user_of(request)))


@posted
def begin(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if second_factor.number_of(user) is None:
        second_factor.begin(user)
    return redirect(PAGE)


@posted
def confirm(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if second_factor.waiting_for_confirmation(user) is None:
        return redirect(PAGE)
    form = ConfirmationForm(request.POST, request=request, user=user)
    if not form.is_valid():
        return page(request, form)
    assert form.device is not None  # the code was right
    request.session[second_factor.PASSED] = form.device.pk
    note(request, user, _("Second factor turned on."))
    return codes_page(request, user)


@posted
def renew_codes(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = CodeForm(request.POST, request=request, user=user)
    if not form.is_valid():
        return page(request, form)
    note(request, user, _("New recovery codes made."))
    return codes_page(request, user)


@posted
def turn_off(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = CodeForm(request.POST, request=request, user=user)
    if not form.is_valid():
        return page(request, form)
    second_factor.turn_off(user)
    note(request, user, _("Second factor turned off."))
    messages.success(request, _("Your second factor is off."))
    return redirect(PAGE)


def user_of(request: HttpRequest) -> User:
    return cast("User", request.user)  # `admin_view` lets in nobody else


def page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    """The page in each state: off, waiting for the first code of the app, or on."""
    user = user_of(request)
    is_on = second_factor.number_of(user) is not None
    device = None if is_on else second_factor.waiting_for_confirmation(user)
    context = {
        **admin.site.each_context(request),
        "title": _("Second factor"),
        "form": form,
        "is_on": is_on,
        "codes_left": second_factor.recovery_codes_left(user) if is_on else 0,
        "device": device,
        "secret": second_factor.secret_of(device) if device else "",
        "qr_code": second_factor.qr_code(device) if device else "",
    }
    return answer(TemplateResponse(request, "admin/second_factor.html", context), form)


@sensitive_variables()
def codes_page(request: HttpRequest, user: User) -> HttpResponse:
    """Makes recovery codes and shows them in the response itself: codes for a later page would have to be stored."""
    context = {
        **admin.site.each_context(request),
        "title": _("Your recovery codes"),
        "codes": second_factor.new_recovery_codes(user),
    }
    return TemplateResponse(request, "admin/recovery_codes.html", context)


def note(request: HttpRequest, user: User, what: str) -> None:
    """Records a change in the account's history."""
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message=what, single_object=True)
