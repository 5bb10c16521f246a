"""The pages on which staff sign in: user name and password, then a code where the account has a second factor."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from core.http.errors import too_many_text
from staff import rate_limits, second_factor, sign_in


def code_url(next_path: str) -> str:
    """The URL of the page that asks for the code, and then leads to `next_path`."""
    query = f"?{urlencode({REDIRECT_FIELD_NAME: next_path})}" if next_path else ""
    return reverse("admin:login_code") + query


class TriesForm(forms.Form):
    """A form with something that can be guessed. With `wait`, in seconds, the input wasn't checked."""

    wait = 0

    def begin(self, request: HttpRequest, username: str) -> rate_limits.Try:
        """Counts a try. Raises ValidationError if it is too early for another one."""
        tried = rate_limits.begin(request, username)
        self.wait = tried.wait
        if self.wait:
            advice = _("You can still sign in from another network that you have used before.")
            why = _("That was wrong too many times.")
            raise ValidationError(f"{why} {too_many_text(self.wait)} {advice}", code="too_many")
        return tried


def answer(response: HttpResponse, form: TriesForm) -> HttpResponse:
    """Makes the response a 429 with Retry-After if the form must wait."""
    if form.wait:
        response.status_code = 429
        response["Retry-After"] = str(form.wait)
    return response


class PasswordForm(TriesForm, AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            assert self.request is not None  # the view gives it
            tried = self.begin(self.request, username)
            super().clean()
            tried.succeed()
        return self.cleaned_data


class CodeForm(TriesForm):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "size": 14}
        ),
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        tried = self.begin(self.request, self.user.get_username())
        if not self.is_right(code):
            raise ValidationError(
                _("This code is wrong, or has already been used. Your app shows a new one every 30 seconds."),
                code="wrong",
            )
        tried.succeed()
        return code

    def is_right(self, code: str) -> bool:
        return second_factor.is_right(self.user, code)


class SignInView(LoginView):
    authentication_form = PasswordForm
    template_name = "admin/login.html"

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def form_valid(self, form: PasswordForm) -> HttpResponse:  # type: ignore[override]  # it has no other form
        user = form.get_user()
        if second_factor.number_of(user) is None:
            sign_in.complete(self.request, user)
            return HttpResponseRedirect(self.get_success_url())
        sign_in.wait_for_code(self.request, user)
        return HttpResponseRedirect(code_url(self.get_redirect_url()))

    def form_invalid(self, form: PasswordForm) -> HttpResponse:  # type: ignore[override]  # it has no other form
        return answer(super().form_invalid(form), form)


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class CodeView(RedirectURLMixin, FormView):
    form_class = CodeForm
    template_name = "admin/login_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.user = sign_in.waiting_for_code(request)
        if self.user is None:
            return HttpResponseRedirect(reverse("admin:login"))
        return super().dispatch(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request, "user": self.user}

    def form_valid(self, form: CodeForm) -> HttpResponse:
        sign_in.complete(self.request, form.user)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: CodeForm) -> HttpResponse:
        return answer(super().form_invalid(form), form)
