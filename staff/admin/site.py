"""The staff's site behind its sign-in: limits, and a second factor for accounts that have turned it on."""

from typing import Any, cast

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _

from core import mail_server
from core.admin.site import StaffSite
from staff import second_factor


class GuardedSite(StaffSite):
    """Asks for the second factor at every URL, also in sessions from before it was turned on."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_passed(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from staff.admin import sign_in  # noqa: PLC0415  it needs the models

        if request.method == "GET" and "another" not in request.GET and super().has_permission(request):
            if self.has_permission(request):
                return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
            return HttpResponseRedirect(sign_in.code_url(request.GET.get(REDIRECT_FIELD_NAME, "")))
        context = {"app_path": request.get_full_path(), **(extra_context or {})}
        view = sign_in.SignInView.as_view(extra_context=self.context(request, _("Log in"), **context))
        return cast("HttpResponse", view(request))

    def login_code(self, request: HttpRequest) -> HttpResponseBase:
        from staff.admin import sign_in  # noqa: PLC0415  it needs the models

        return sign_in.CodeView.as_view(extra_context=self.context(request, _("Your code")))(request)

    def context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        return {**self.each_context(request), "title": title, "subtitle": None, **more}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from staff.admin import second_factor as pages  # noqa: PLC0415  it needs the models

        return [
            path("login/code/", self.login_code, name="login_code"),
            path("second-factor/", self.admin_view(pages.show), name="second_factor"),
            path("second-factor/begin/", self.admin_view(pages.begin), name="second_factor_begin"),
            path("second-factor/confirm/", self.admin_view(pages.confirm), name="second_factor_confirm"),
            path("second-factor/codes/", self.admin_view(pages.renew_codes), name="second_factor_codes"),
            path("second-factor/off/", self.admin_view(pages.turn_off), name="second_factor_off"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        lacks = second_factor.number_of(request.user) is None  # type: ignore[arg-type]  # `admin_view` lets in users only
        context = {"lacks_second_factor": lacks, "mail_server": mail_server.state()}
        return super().index(request, {**context, **(extra_context or {})})
