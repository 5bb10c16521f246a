"""The gallery finds what a plain comparison of all entries finds, and its index of hobbies follows every change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from core.text import fold
from pageant import gallery, public_hobbies, public_rows, submission
from pageant.models import Entry, Hobby, Pageant, PublicHobby
from pageant.models.entry import hobby_spelling
from pageant.submission import EntryWords
from privacy.registry.finders import Subject
from privacy.rights import erasure
from tests.core.factories import make_staff
from tests.pageant.factories import bulk_entries, make_entry, make_pageant

pytestmark = pytest.mark.django_db

HOBBIES = ("hát", "hạt", "hat", "đàn tranh", "chess")
PLACES = ("Huế", "Hue", "Đà Lạt", "")


def rows() -> set[tuple[Any, ...]]:
    return set(PublicHobby.objects.values_list("entry_id", "pageant_id", "word", "place_key", "published_at"))


def expected() -> set[tuple[Any, ...]]:
    return {
        (entry.pk, entry.pageant_id, word, entry.place_key, entry.published_at)
        for entry in Entry.objects.public().prefetch_related("hobbies")
        for hobby in entry.hobbies.all()
        for word in (hobby.key, hobby.spelling)
        if word is not None
    }


# What the gallery finds


@pytest.fixture
def crowd() -> Pageant:
    """Entries with every mix of place and hobbies, some at the same moment, among others that must not show."""
    random, pageant, staff = Random(13), make_pageant(slug="faces"), make_staff()
    other = make_pageant()
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(70):
        entry = make_entry(
            other if number % 9 == 0 else pageant,
            status="waiting" if number % 7 == 0 else "approved",
            photos=0,
            staff=staff,
            display_name=random.choice(("Nguyễn An", "Lê Nguyên", "Jane")),
            lives_in=random.choice(PLACES),
            hobbies=tuple(random.sample(HOBBIES, random.randrange(4))),
        )
        if entry.is_public:
            Entry.objects.filter(pk=entry.pk).update(published_at=start + timedelta(hours=random.randrange(25)))
    return pageant


def matches(entry: Entry, query: dict[str, str]) -> bool:
    tags = [hobby.name for hobby in entry.hobbies.all()]
    hobby, place = query.get("hobby"), query.get("place")
    same = fold if hobby and fold(hobby) == hobby else hobby_spelling
    words = fold(query.get("q", "")).split()
    return (
        (not hobby or same(hobby) in map(same, tags))
        and (not place or fold(place) == fold(entry.lives_in))
        and all((word if len(word) > 2 else f" {word}") in entry.search_key for word in words)
    )


def pages(pageant: Pageant, query: dict[str, str]) -> Iterator[list[int]]:
    """The pages there and back, each of which the links of the one before lead to."""
    shown = gallery.show(pageant, QueryDict.fromkeys([]))
    for way in ("next_query", "previous_query"):
        asked = QueryDict(mutable=True)
        asked.update(query)
        if way == "previous_query":
            asked = QueryDict(shown.query.removeprefix("?"))
        while True:
            shown = gallery.show(pageant, asked)
            yield [entry.pk for entry in shown.page.rows]
            if not getattr(shown, way):
                break
            asked = QueryDict(getattr(shown, way).removeprefix("?"))


def test_each_mix_of_filters_finds_what_comparing_all_entries_finds(crowd, monkeypatch):
    monkeypatch.setattr(gallery, "SIZE", 5)
    monkeypatch.setattr(gallery.entries, "size", 5)
    public = list(Entry.objects.public().filter(pageant=crowd).prefetch_related("hobbies"))
    assert len(public) > 40
    for hobby, place, q, sort in product(
        ("", "hát", "HẠT", "hat", "chess", "none"), ("", "huế", "Đà Lạt"), ("", "nguyen", "n", "hat an"), ("", "oldest")
    ):
        query = {name: value for name, value in (("hobby", hobby), ("place", place), ("q", q), ("sort", sort)) if value}
        found = sorted((entry for entry in public if matches(entry, query)), key=lambda one: (one.published_at, one.pk))
        keys = [entry.pk for entry in (found if sort else reversed(found))]
        there = [keys[start : start + 5] for start in range(0, len(keys), 5)] or [[]]
        assert list(pages(crowd, query)) == [*there, *reversed(there)], query


@pytest.mark.parametrize(
    ("places", "hobbies"), [(["hue"], []), ([], ["hát", "CHESS"]), (["Huế", "đà lạt"], ["hạt"]), (["none"], ["none"])]
)
def test_newest_fitting_are_those_that_comparing_all_entries_finds(crowd, places, hobbies):
    fitting = [
        entry
        for entry in Entry.objects.public().newest_first().prefetch_related("hobbies")
        if fold(entry.lives_in) in map(fold, places)
        or {fold(hobby.name) for hobby in entry.hobbies.all()} & set(map(fold, hobbies))
    ]

    assert [card.pk for card in public_rows.newest_fitting(places, hobbies)] == [
        entry.pk for entry in fitting[: public_rows.MOST]
    ]


# What the index follows


@pytest.fixture
def entry() -> Entry:
    return make_entry(make_pageant(slug="faces"), photos=0, lives_in="Huế", hobbies=("hát", "hạt", "chess"))


def test_public_entry_has_a_row_for_each_key_and_spelling(entry):
    make_entry(entry.pageant, status="waiting", hobbies=("hát",))

    assert rows() == expected()
    assert sorted(PublicHobby.objects.values_list("word", flat=True)) == ["chess", "hat", "hát", "hạt"]


def change_words(entry: Entry) -> None:
    words = EntryWords(display_name="An", lives_in="Đà Lạt", favourite_food="", hobbies=["hát", "vẽ"], about="")
    submission.correct(entry.pk, words)
    republish(entry)


def republish(entry: Entry) -> None:
    entry = Entry.objects.get(pk=entry.pk)
    entry.approve(by=make_staff())
    entry.publish()


def undo_a_rejection(entry: Entry) -> None:
    staff = make_staff()
    entry.reject(by=staff, reason="quality", undoable=True)
    assert rows() == set()
    entry.undo(by=staff)
    assert rows() == set()
    Entry.objects.get(pk=entry.pk).publish()


def hand_over(entry: Entry) -> None:
    """As a merge of two hobbies does."""
    first, second = Hobby.objects.get(name="hát"), Hobby.objects.get(name="hạt")
    has = Entry.hobbies.through.objects
    has.filter(hobby=second).delete()
    has.filter(hobby=first).update(hobby=second)
    first.delete()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda entry: entry.withdraw(), []),
        (lambda entry: entry.reject(by=make_staff(), reason="quality"), []),
        (lambda entry: Entry.objects.filter(pk=entry.pk).delete(), []),
        (lambda entry: erasure.erase(Subject.of(entry.email)), []),
        (lambda entry: entry.hobbies.clear(), []),
        (lambda entry: entry.hobbies.remove(Hobby.objects.get(name="hạt")), ["chess", "hat", "hát"]),
        (change_words, ["hat", "hát", "ve", "vẽ"]),
        (undo_a_rejection, ["chess", "hat", "hát", "hạt"]),
        (hand_over, ["chess", "hat", "hạt"]),
        (lambda entry: Hobby.objects.filter(name="hạt").update(spelling=None), ["chess", "hat", "hát"]),
        (lambda entry: Hobby.objects.filter(name="chess").update(key="go"), ["chess", "go", "hat", "hát", "hạt"]),
        (lambda entry: Entry.objects.update(published_at=timezone.now(), place_key=""), ["chess", "hat", "hát", "hạt"]),
    ],
)  # fmt: skip
def test_index_follows(entry, change, words):
    change(entry)

    assert rows() == expected()
    assert sorted(PublicHobby.objects.values_list("word", flat=True)) == words


def test_rows_that_were_made_without_the_triggers_are_found_once_they_are_put_up(entry):
    bulk_entries(entry.pageant, 5)
    table = {"moved": "entry", "added": "entry_hobbies"}
    with connection.cursor() as cursor:
        for name, of in table.items():
            on_table = f" ON pageant_{of}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER pageant_publichobby_{name}{on_table}")
        cursor.execute("DELETE FROM pageant_publichobby WHERE word = 'chess'")
    bulk_entries(entry.pageant, 5)
    assert rows() != expected()

    public_hobbies.install()
    assert rows() == expected()
    entry.withdraw()
    assert rows() == expected()


def test_making_all_rows_goes_on_where_it_was_stopped(entry, monkeypatch):
    """And writes none that is right already."""
    bulk_entries(entry.pageant, 5)
    entries = list(Entry.objects.order_by("pk"))
    for one in entries:
        one.hobbies.set(entry.hobbies.all())
    kept = set(PublicHobby.objects.filter(entry__lt=entries[3]).values_list("pk", flat=True))
    PublicHobby.objects.filter(entry__gte=entries[3]).delete()
    PublicHobby.objects.filter(entry=entry, word="chess").update(word="golf")
    public_hobbies.set_made(connection, False)
    monkeypatch.setattr(public_hobbies, "BATCH", 2)

    if connection.vendor == "postgresql":
        public_hobbies.install()
    else:
        public_hobbies.make_all()

    assert rows() == expected()
    assert len(kept - set(PublicHobby.objects.values_list("pk", flat=True))) == 1
    assert public_hobbies.is_made(connection)
