"""The rows that benchmarks are measured on."""

import pytest

from core.moderation import Status
from pageant.models import Entry, Pageant, Photo, Report, Tally
from suggestions.models import Category, Suggestion
from tools.bench import seeding


def sums() -> tuple[set, dict]:
    tallies = Tally.objects.values_list("pageant", "kind", "key", "label", "entries")
    return set(tallies), dict(Pageant.objects.values_list("slug", "entry_count"))


@pytest.mark.django_db
def test_rows_are_as_the_site_itself_would_have_made_them():
    seeding.fill(entries=60, past=10, listings=40)

    assert sums()[1] == {"million": 60, "thousand": 10}
    assert {entry.status for entry in Entry.objects.all()} == set(Status)
    for row in [*Entry.objects.all(), *Photo.objects.all(), *Report.objects.all(), *Suggestion.objects.all()]:
        row.full_clean()

    entries = list(Entry.objects.order_by("published_at"))
    before = [(entry.search_key, entry.place_key) for entry in entries]
    for entry in entries:
        entry.index()
    assert [(entry.search_key, entry.place_key) for entry in entries] == before

    before = sums()
    Tally.objects.all().delete()
    Pageant.objects.update(entry_count=0)
    for entry in entries:
        if entry.is_public:
            entry.count(+1)
    assert sums() == before

    public = {category.pk: category.suggestions.public().count() for category in Category.objects.all()}
    assert dict(Category.objects.values_list("pk", "websites")) == public


@pytest.mark.django_db
def test_what_follows_gets_keys_of_its_own():
    seeding.fill(entries=20, past=5, listings=5)

    last = Entry.objects.order_by("pk").last()
    last.pk, last.key, last.email, last._state.adding = None, "", "other@example.org", True
    last.save()
    assert Entry.objects.count() == Entry.objects.order_by("pk").last().pk
