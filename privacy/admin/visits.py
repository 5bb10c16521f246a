"""The visit log and the audience in the admin."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timezone import make_aware
from django.utils.translation import gettext, gettext_lazy, ngettext

from core.admin.lists import PER_PAGE
from core.admin.site import ReadOnlyAdmin
from core.charts import Bars, Series
from core.http.client_ip import parse_ip
from core.site import Card
from privacy.models import AudienceDay, Machine, Visit, VisitHour
from privacy.models.audience import ALL
from privacy.traffic import visit_log


class DayFilter(admin.SimpleListFilter):
    title = gettext_lazy("day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(day.isoformat(), date_format(day)) for day in visit_log.days_kept()]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        day = day_in(self.value() or "")
        if day is None:
            return rows
        start = make_aware(datetime(day.year, day.month, day.day))
        return rows.filter(at__gte=start, at__lt=start + timedelta(days=1))


class StatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("2", gettext("2xx, successful")),
            ("3", gettext("3xx, redirected")),
            ("4", gettext("4xx, refused or not found")),
            ("5", gettext("5xx, failed")),
        ]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(status_class=int(self.value())) if self.value() in {"2", "3", "4", "5"} else rows


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ["at", "address", "method", "path", "status", "milliseconds", "referrer", "browser", "is_prefetch"]
    list_filter = [DayFilter, StatusFilter]
    search_fields = ["address"]
    search_help_text = gettext_lazy("Enter a complete IP address.")
    ordering = ["-at", "-pk"]
    sortable_by = []
    list_per_page = list_max_show_all = PER_PAGE
    change_list_template = "admin/privacy/visit/change_list.html"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only those of the filters; any other might read the whole table."""
        return lookup in {DayFilter.parameter_name, StatusFilter.parameter_name}

    def get_search_results(self, request: HttpRequest, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        if not term.strip():
            return rows, False
        ip = parse_ip(term.strip())
        return (rows.filter(address=ip) if ip else rows.none()), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if settings.WORK == "inline" and self.has_view_permission(request):
            visit_log.load()  # requests since the job last ran
        day = shown_day(request)
        return super().changelist_view(request, {"chart": chart_of(day), **(extra_context or {})})


@admin.register(AudienceDay)
class AudienceDayAdmin(ReadOnlyAdmin):
    list_display = ["day", "section", "language", "hits", "visitors", "robots", "prefetches"]
    list_filter = ["language"]
    change_list_template = "admin/privacy/audienceday/change_list.html"


def shown_day(request: HttpRequest) -> date:
    """The day of the filter, or else today."""
    return day_in(request.GET.get(DayFilter.parameter_name, "")) or timezone.localdate()


def day_in(text: str) -> date | None:
    """One of the days that are kept; None for any other text."""
    return next((day for day in visit_log.days_kept() if day.isoformat() == text), None)


def chart_of(day: date) -> Bars:
    hours = visit_log.hours_of(day)
    numbers = {
        "count": sum(hour.requests for hour in hours),
        "refused": sum(hour.refused for hour in hours),
        "failed": sum(hour.failed for hour in hours),
    }
    summary = ngettext(
        "%(count)s request, of which %(refused)s were refused or not found and %(failed)s failed.",
        "%(count)s requests, of which %(refused)s were refused or not found and %(failed)s failed.",
        numbers["count"],
    )
    return Bars(
        name="requests-by-hour",
        title=gettext("Requests by hour, %(day)s") % {"day": date_format(day)},
        summary=summary % {name: number_format(n) for name, n in numbers.items()},
        labels_are=gettext("Hour"),
        labels=[f"{timezone.localtime(hour.hour):%H}" for hour in hours],
        every=3,
        series=[
            Series(gettext("failed"), "bad", [hour.failed for hour in hours]),
            Series(gettext("refused or not found"), "wait", [hour.refused for hour in hours]),
            Series(gettext("fetched ahead"), "ahead", [hour.prefetches for hour in hours]),
            Series(gettext("answered"), "good", [answered(hour) for hour in hours]),
        ],
    )


def answered(hour: VisitHour) -> int:
    return hour.requests - hour.refused - hour.failed - hour.prefetches


# On the first page


def visits_card(request: HttpRequest) -> Card | None:
    if not request.user.has_perm("privacy.view_visit"):
        return None
    today, yesterday = ([*visit_log.hours_of(day)] for day in last_days())
    return Card(
        name=gettext("Requests"),
        url=reverse("admin:privacy_visit_changelist"),
        columns=[gettext("today"), gettext("yesterday")],
        rows=[
            (gettext("requests"), [sum(hour.requests for hour in hours) for hours in (today, yesterday)]),
            (gettext("refused or not found"), [sum(hour.refused for hour in hours) for hours in (today, yesterday)]),
            (gettext("failed"), [sum(hour.failed for hour in hours) for hours in (today, yesterday)]),
        ],
    )


def visitors_card(request: HttpRequest) -> Card | None:
    if not request.user.has_perm("privacy.view_audienceday"):
        return None
    by_day = {day.day: day for day in AudienceDay.objects.filter(day__in=last_days(), section=ALL, language=ALL)}
    days = [by_day.get(day) or AudienceDay(day=day) for day in last_days()]
    return Card(
        name=gettext("Visitors"),
        url=reverse("admin:privacy_audienceday_changelist"),
        columns=[gettext("today"), gettext("yesterday")],
        rows=[
            (gettext("visitors (estimated)"), [day.visitors for day in days]),
            (gettext("page views"), [day.hits for day in days]),
            (gettext("page views by bots"), [day.robots for day in days]),
            (gettext("pages fetched ahead"), [day.prefetches for day in days]),
        ],
    )


def machines_card(request: HttpRequest) -> Card | None:
    """Machines of which nothing is heard, since days are closed only once each has loaded its visits."""
    if not request.user.has_perm("privacy.view_audienceday"):
        return None
    silent = Machine.objects.silent()
    rows = [
        (machine.name, [date_format(timezone.localtime(machine.loaded_up_to), "SHORT_DATETIME_FORMAT")])
        for machine in silent
    ]
    return (
        Card(name=gettext("Machines that are silent"), columns=[gettext("visits loaded up to")], rows=rows)
        if rows
        else None
    )


def last_days() -> tuple[date, date]:
    today = timezone.localdate()
    return today, today - timedelta(days=1)
