"""The sitemap: an index of parts, each of which one range of primary keys bounds.

`/sitemap-pages.xml` has the pages that are few, `/sitemap-<list>-<part>.xml` those of rows. A row never moves
to another part, so that search engines read only the parts that have changed.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from core.kept_pages.views import kept
from core.site import SitemapList, sitemap_lists, sitemap_paths

TOPICS = ("pageants", "websites", "policy")
SIZE = 2_500  # rows of a part, each with two addresses
ANY_KEY = "0123456789abcdef"  # stands for the key in a path
LANGUAGES = (
    '<xhtml:link rel="alternate" hreflang="en" href="{en}"/><xhtml:link rel="alternate" hreflang="vi" href="{vi}"/>'
)
PAGE = f"<url><loc>{{en}}</loc>{LANGUAGES}</url><url><loc>{{vi}}</loc>{LANGUAGES}</url>"


@kept(*TOPICS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    paths = [reverse("sitemap-pages")]
    for name, one in sitemap_lists().items():
        before, after = reverse("sitemap-part", args=[name, 0]).rsplit("0", 1)
        paths += [f"{before}{number}{after}" for number in parts_of(one.rows())]
    return render(
        request, "sitemap_index.xml", {"site": settings.SITE_URL, "paths": paths}, content_type="application/xml"
    )


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
    paths = list(paths_of(one, rows))
    if not paths:
        raise Http404
    return answer(request, paths)


def paths_of(one: SitemapList, rows: QuerySet[Any]) -> Iterator[str]:
    """Makes a path once for all rows that differ by their key alone: to reverse each takes 50 times as long."""
    likes: dict[tuple[str, ...], str] = {}
    for *shared, key in rows.values_list(*one.values):
        like = likes.get(tuple(shared)) or likes.setdefault(tuple(shared), one.path(*shared, ANY_KEY))
        yield like.replace(ANY_KEY, key)


def answer(request: HttpRequest, paths: Iterable[str]) -> HttpResponse:
    """Both languages of each page. Without the template's loop, which takes ten times as long for so many."""
    en, vi = escape(settings.SITE_URL), f"{escape(settings.SITE_URL)}/vi"
    pages = "".join(PAGE.format(en=f"{en}{path}", vi=f"{vi}{path}") for path in map(escape, paths))
    context = {"pages": mark_safe(pages)}  # noqa: S308  escaped
    return render(request, "sitemap.xml", context, content_type="application/xml")


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
