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
        queues = [queue for model_admin in self._registry.values() for queue in waiting_of(model_admin, request)]
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


def waiting_of(model_admin: admin.ModelAdmin, request: HttpRequest) -> Iterable[dict[str, Any]]:
    """The queues of a model admin, as the first page's template takes them; none if the user may not see its rows.

    A queue is a model admin with `waiting()` (a query set) and `waiting_query` (the query string with which its list
    shows just that). With `is_urgent()` it can ask to be put first, and with `more_queues()` add others of the same
    list, each a name, a count and a query string; these are left out while they are empty.
    """
    if hasattr(model_admin, "waiting") and model_admin.has_view_permission(request):
        queue = cast("Queue", model_admin)
        meta = model_admin.opts
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        count = queue.waiting().count()
        yield {
            "name": model_ngettext(meta, count),
            "count": count,
            "url": url + queue.waiting_query,
            "is_urgent": getattr(model_admin, "is_urgent", bool)(),
        }
        for name, count, query in getattr(model_admin, "more_queues", list)():
            if count:
                yield {"name": name, "count": count, "url": url + query, "is_urgent": False}


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that staff may see and nobody may change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
