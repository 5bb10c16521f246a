"""The staff's site: its first page shows what waits and the numbers that apps declare."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import BadRequest
from django.db import Error, models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.admin.lists import BOUNDED, FURTHEST, PER_PAGE
from core.counting import counts, up_to
from core.site import staff_cards

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

KEY = re.compile(r"[0-9]{1,18}")  # the primary keys of all our rows
# What Django raises for filters and values that no page of its admin offers: years out of range, ranges of three
# numbers, words in place of dates.
UNREADABLE = (Error, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
NO_SUCH_FILTER = "admin/invalid_setup.html"  # Django's page, which blames the database


class StaffSite(admin.AdminSite):
    """The admin, whose first page shows the queues and the cards that apps declare."""

    site_title = gettext_lazy("Vietmusic staff")
    site_header = gettext_lazy("Vietmusic staff")
    index_title = gettext_lazy("Waiting for you")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Bounds every list of the site, those of packages too."""
        by_default = (admin_class or admin.ModelAdmin).list_per_page == admin.ModelAdmin.list_per_page
        pages = {"list_per_page": PER_PAGE} if by_default else {}
        super().register(model_or_iterable, admin_class, **{**BOUNDED, **pages, **options})

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refuse_forged(request)
            if not request.GET:
                return view(request, *args, **kwargs)
            with odd_queries_refused():
                return whole(view(request, *args, **kwargs))

        return super().admin_view(cast("View", wrapper), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        queues = queues_of(self._registry.values(), request)
        queues.sort(key=lambda queue: (not queue["is_urgent"], not queue["count"]))
        return super().index(request, {"queues": queues, "cards": staff_cards(request), **(extra_context or {})})


def refuse_forged(request: HttpRequest) -> None:
    """Raises BadRequest for what no page of the admin sends and Django would answer with a server error."""
    if not all(KEY.fullmatch(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
        raise BadRequest("no such row")
    if TO_FIELD_VAR in request.GET and not request.GET[TO_FIELD_VAR]:
        raise BadRequest("no such field")


@contextmanager
def odd_queries_refused() -> Iterator[None]:
    """An address that somebody made up is no fault of the site. Raises BadRequest; the log shows what was behind it."""
    try:
        yield
    except UNREADABLE as error:
        raise BadRequest("no such list") from error


def whole(response: HttpResponseBase) -> HttpResponseBase:
    """The response with its page rendered, and so all its queries run. Raises BadRequest if it is about no list."""
    if isinstance(response, SimpleTemplateResponse):
        if response.template_name == NO_SUCH_FILTER:
            raise BadRequest("no such filter")
        response.render()
    return response


class Queue(Protocol):
    waiting_query: str

    def waiting(self) -> models.QuerySet: ...


def queues_of(model_admins: Iterable[admin.ModelAdmin], request: HttpRequest) -> list[dict[str, Any]]:
    """The queues whose rows the user may see, as the first page's template takes them, counted in one query.

    A queue is a model admin with `waiting()` (a query set) and `waiting_query` (the query string with which its list
    shows just that). With `is_urgent()` it can ask to be put first, and with `more_queues()` add others of the same
    list, each a query set, a function that names so many of its rows, and a query string; these are left out while
    they are empty.
    """
    seen = [one for one in model_admins if hasattr(one, "waiting") and one.has_view_permission(request)]
    queues: list[tuple[admin.ModelAdmin, models.QuerySet, Callable[[int], str] | None, str]] = []
    for model_admin in seen:
        queue = cast("Queue", model_admin)
        queues.append((model_admin, queue.waiting(), None, queue.waiting_query))
        queues += [(model_admin, *more) for more in getattr(model_admin, "more_queues", list)()]
    numbers = counts([rows for _, rows, _, _ in queues], at_most=FURTHEST)
    return [
        {
            "name": name(count) if name else model_ngettext(model_admin.opts, count),
            "count": count,
            "shown": up_to(FURTHEST, count),
            "url": list_url(model_admin) + query,
            "is_urgent": name is None and getattr(model_admin, "is_urgent", bool)(),
        }
        for (model_admin, _, name, query), count in zip(queues, numbers, strict=True)
        if count or name is None
    ]


def list_url(model_admin: admin.ModelAdmin) -> str:
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that staff may see and nobody may change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
