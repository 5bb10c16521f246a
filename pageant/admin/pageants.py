"""Pageants, the queue of entries, and reports about entries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.admin.abuse_reports import AbuseReportAdmin
from core.admin.moderation import ModeratedAdmin
from core.fields import LineField, ProseField
from pageant.models import Entry, Pageant, Photo, Report
from pageant.models.entry import PhotoLost
from pageant.views.submission import preview

PREVIEW_WIDTHS = {"small": 160, "large": 1280}  # pixels
MOST_COPIES = 12  # photos like an entry's, shown beside its own


@admin.register(Pageant)
class PageantAdmin(admin.ModelAdmin):
    list_display = ["__str__", "opens_at", "closes_at", "entry_count"]
    prepopulated_fields = {"slug": ["title_en"]}
    readonly_fields = ["entry_count"]
    search_fields = ["title_en", "title_vi"]
    # Texts pasted from elsewhere bring characters that no feed can hold.
    formfield_overrides = {
        models.SlugField: {},
        models.CharField: {"form_class": LineField},
        models.TextField: {"form_class": ProseField},
    }
    fieldsets = [
        (None, {"fields": ["slug", ("opens_at", "closes_at"), "max_photos", "entry_count"]}),
        (_("English"), {"fields": ["title_en", "description_en", "rules_en"]}),
        (_("Vietnamese"), {"fields": ["title_vi", "description_vi", "rules_vi"]}),
    ]


class FlagFilter(admin.SimpleListFilter):
    title = _("flag")
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("resembles", _("resembles another")), ("reported", _("reported")), ("lost", _("photo lost"))]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        # The few that have the flag are found first, instead of asking each entry of the list.
        if self.value() == "resembles":
            return rows.filter(
                pk__in=Photo.objects.filter(resembles__isnull=False, entry__isnull=False).values("entry")
            )
        if self.value() == "reported":
            return rows.filter(pk__in=Report.objects.open().order_by().values("entry"))
        if self.value() == "lost":
            return rows.filter(pk__in=Photo.objects.lost().entries())
        return rows


@admin.register(Entry)
class EntryAdmin(ModeratedAdmin):
    list_display = ["thumbnail", "display_name", "pageant", "state", "moved_at", "flags"]
    list_display_links = ["thumbnail", "display_name"]
    list_filter = ["status", "pageant", FlagFilter]
    search_fields = ["search_key"]
    change_form_template = "admin/pageant/entry/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        photos = Photo.objects.filter(entry=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .select_related("pageant")
            .prefetch_related(Prefetch("photos", Photo.objects.select_related("resembles__entry")))
            .annotate(
                has_twin=Exists(photos.filter(resembles__isnull=False)),
                is_reported=Exists(Report.objects.open().filter(entry=OuterRef("pk"))),
            )
        )

    def get_fields(self, request: HttpRequest, obj: Entry | None = None) -> Sequence[str]:
        email = ["email"] if request.user.has_perm("pageant.view_entry_email") else []
        return [
            "pageant", "display_name", *email, "lives_in", "favourite_food", "hobbies", "about", "language",
            "is_adult", "owns_photos", "created_at", "confirmed_at", "published_at", "withdrawn_at",
            "status", "decided_by", "decided_at", "reason_shown", "reason_note",
        ]  # fmt: skip

    @admin.display(description=_("reason"))
    def reason_shown(self, entry: Entry) -> str:
        return entry.get_reason_display()

    @admin.display(description=_("photos"))
    def thumbnail(self, entry: Entry) -> str:
        photos = [photo for photo in entry.photos.all() if not photo.lost_at]  # prefetched
        if not photos:
            return "—"
        return format_html(
            '<img class="queue-thumbnail" src="{}" alt="{}" width="80" height="80" loading="lazy"> {}',
            reverse("admin:pageant_photo", args=[photos[0].key, "small"]),
            entry.display_name,  # the picture is a link, which needs a name
            f"× {len(photos)}" if len(photos) > 1 else "",
        )

    def warnings_of(self, entry: Entry) -> Iterable[str]:  # type: ignore[override]  # a row of this admin's
        if entry.lost_photos:
            yield _("photo lost")
        if entry.has_twin:
            yield _("resembles another")
        if entry.is_reported:
            yield _("reported")

    def get_review(self, request: HttpRequest, entry: Entry) -> dict[str, Any]:  # type: ignore[override]  # as above
        review = super().get_review(request, entry)
        return {
            **review,
            "photos": with_look_alikes(entry),
            "others": review["others"].select_related("pageant"),
            "hindrance": PhotoLost.message if entry.lost_photos else "",
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.photo_view)
        return [path("photos/<str:key>/<str:size>/", view, name="pageant_photo"), *super().get_urls()]

    def photo_view(self, request: HttpRequest, key: str, size: str) -> HttpResponse:
        """A private picture, for staff who may see entries."""
        if not self.has_view_permission(request) or size not in PREVIEW_WIDTHS:
            raise Http404
        return preview(get_object_or_404(Photo, key=key, entry__isnull=False), width=PREVIEW_WIDTHS[size])


def with_look_alikes(entry: Entry) -> list[tuple[Photo, list[Photo]]]:
    """The entry's photos, each with its look-alikes in other entries: the earlier one first, then later copies."""
    photos = list(entry.photos.all())
    copies = defaultdict(list)
    of_others = Photo.objects.filter(resembles__in=photos, entry__isnull=False).exclude(entry=entry)
    for copy in of_others.select_related("entry").order_by("pk")[:MOST_COPIES]:
        copies[copy.resembles_id].append(copy)
    return [(photo, [*filter(None, [photo.resembles]), *copies[photo.pk]]) for photo in photos]


@admin.register(Report)
class ReportAdmin(AbuseReportAdmin):
    list_display = ["reason", "entry_link", "note", "created_at", "closed_at"]
    list_select_related = ["entry", "entry__pageant"]

    @admin.display(description=_("entry"))
    def entry_link(self, report: Report) -> str:
        return self.link_to_subject(report)
