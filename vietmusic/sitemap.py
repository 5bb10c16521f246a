"""The sitemap: an index of parts, each of which one range of primary keys bounds.

`/sitemap-pages.xml` has the pages that are few, `/sitemap-<list>-<part>.xml` those of rows. A row never moves
to another part, so that search engines read only the parts that have changed.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.kept_pages.views import kept
from core.site import sitemap_lists, sitemap_paths

TOPICS = ("pageants", "websites", "policy")
SIZE = 2_500  # rows of a part, each with two addresses


@kept(*TOPICS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    lists = [(name, part) for name, one in sitemap_lists().items() for part in parts_of(one.rows())]
    paths = [reverse("sitemap-pages"), *(reverse("sitemap-part", args=one) for one in lists)]
    context = {"site": settings.SITE_URL, "paths": paths}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@kept(*TOPICS)
@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    return answer(request, [reverse("home"), *sitemap_paths()])


@kept(*TOPICS)
@require_safe
def part(request: HttpRequest, name: str, number: int) -> HttpResponse:
    one = sitemap_lists().get(name)
    if one is None:
        raise Http404
    rows = one.rows().filter(pk__gte=number * SIZE, pk__lt=(number + 1) * SIZE).order_by("pk")
    paths = [one.path(*values) for values in rows]
    if not paths:
        raise Http404
    return answer(request, paths)


def answer(request: HttpRequest, paths: Iterable[str]) -> HttpResponse:
    return render(request, "sitemap.xml", {"urls": list(urls(paths))}, content_type="application/xml")


def urls(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The addresses in English and Vietnamese of each page."""
    for path in paths:
        yield f"{settings.SITE_URL}{path}", f"{settings.SITE_URL}/vi{path}"


def parts_of(rows: QuerySet) -> list[int]:
    """The numbers of the parts that have rows, found by one step in the index of primary keys for each."""
    sql, parameters = rows.order_by().values(number=F("pk")).query.sql_with_params()
    listed = f"SELECT number FROM ({sql}) AS listed"  # noqa: S608  Django's own
    steps = f"""
        WITH RECURSIVE part (first) AS (
            SELECT ({listed} ORDER BY number LIMIT 1)
            UNION ALL
            SELECT ({listed} WHERE number >= (part.first / {SIZE} + 1) * {SIZE} ORDER BY number LIMIT 1)
            FROM part WHERE part.first IS NOT NULL
        )
        SELECT first / {SIZE} FROM part WHERE first IS NOT NULL
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(steps, [*parameters, *parameters])
        return [number for (number,) in cursor.fetchall()]
