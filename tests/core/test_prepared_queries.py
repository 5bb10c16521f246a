import pytest
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, CharField, DateTimeField, QuerySet
from django.test.utils import CaptureQueriesContext

from core.prepared_queries import Parameter, prepared
from pageant.models import Entry, Pageant, Photo
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db


def test_gives_the_rows_for_its_parameters_and_writes_its_sql_once():
    written = []

    @prepared(slug=CharField())
    def at(slug: Parameter) -> QuerySet[Pageant]:
        written.append(slug)
        return Pageant.objects.filter(slug=slug)

    spring, autumn = make_pageant(slug="spring"), make_pageant(slug="autumn")
    assert (at(slug="spring"), at(slug="autumn"), at(slug="winter")) == ([spring], [autumn], [])
    assert at(slug="spring")[0].opens_at == spring.opens_at
    assert len(written) == 1


def test_a_form_of_a_query_is_written_by_itself():
    @prepared(since=DateTimeField())
    def opened(newest_first: bool, since: Parameter) -> QuerySet[Pageant]:
        return Pageant.objects.filter(opens_at__gte=since).order_by("-pk" if newest_first else "pk")

    first, second = make_pageant(slug="first"), make_pageant(slug="second")
    assert opened(True, since=first.opens_at) == [second, first]
    assert opened(False, since=first.opens_at) == [first, second]


def test_related_and_prefetched_rows_come_along():
    @prepared(pageant=BigIntegerField())
    def entries(pageant: Parameter) -> QuerySet[Entry]:
        return Entry.objects.filter(pageant=pageant).select_related("pageant").prefetch_related("photos").order_by("pk")

    pageant = make_pageant()
    made = [make_entry(pageant), make_entry(pageant)]
    assert entries(pageant=pageant.pk) == made
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown = [(entry.pageant.slug, list(entry.photos.all())) for entry in entries(pageant=pageant.pk)]
    assert shown == [(pageant.slug, list(Photo.objects.filter(entry=entry))) for entry in made]
    assert len(asked) == 2


def test_values_are_converted_both_ways():
    @prepared(moment=DateTimeField(), adult=BooleanField())
    def found(moment: Parameter, adult: Parameter) -> QuerySet[Entry]:
        return Entry.objects.filter(created_at=moment, is_adult=adult).values_list("created_at", "is_adult", named=True)

    entry = make_entry(make_pageant())
    (row,) = found(moment=entry.created_at, adult=True)
    assert (row.created_at, row.is_adult) == (entry.created_at, True)
    assert found(moment=entry.created_at, adult=False) == []


def test_a_parameter_without_a_value_is_an_error():
    @prepared(slug=CharField())
    def at(slug: Parameter) -> QuerySet[Pageant]:
        return Pageant.objects.filter(slug=slug)

    with pytest.raises(KeyError, match="slug"):
        at()
