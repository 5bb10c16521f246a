"""Words that are spelled in two ways are one hobby and one place; rows from before are brought together."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from core.vietnamese import spelling
from pageant.forms.words import HobbiesField
from pageant.models import Entry, Hobby, Pageant, Tally
from suggestions.models import Suggestion
from tests.pageant.factories import make_entry, make_pageant
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db

one_spelling = import_module("pageant.migrations.0014_one_spelling")
suggestions_fold_d = import_module("suggestions.migrations.0009_fold_d")


@pytest.fixture
def pageant() -> Pageant:
    return make_pageant(slug="faces")


def tallies() -> list[tuple[str, str, int]]:
    return sorted(Tally.objects.values_list("key", "label", "entries"))


@pytest.mark.parametrize(
    ("typed", "hobbies"),
    [
        ("hát, nhảy;vẽ、đọc，đàn/múa", ["hát", "nhảy", "vẽ", "đọc", "đàn", "múa"]),
        ("#hát #nhảy", ["hát", "nhảy"]),
        ("hát\r\nnhảy\n\nvẽ\u2028múa", ["hát", "nhảy", "vẽ", "múa"]),
        ("Hòa nhạc, hoà nhạc, HOÀ NHẠC", ["hòa nhạc"]),
        ("Ðàn tranh, đàn tranh", ["đàn tranh"]),
        ("hát 👩\u200d🎤, số #\ufe0f\u20e3", ["hát 👩\u200d🎤", "số #\ufe0f\u20e3"]),
        (" ,;# / ", []),
    ],
)
def test_hobbies_are_separated_as_people_do_it(typed, hobbies):
    assert HobbiesField(required=False).clean(typed) == hobbies


@pytest.mark.parametrize(
    ("hobby", "place"), [("hòa nhạc", "Hòa Bình"), ("hoà nhạc", "hoà bình"), ("HOÀ NHẠC", "hoa binh")]
)
def test_two_styles_of_tone_marks_are_one_tag_one_place_and_one_search(client: Client, pageant, hobby, place):
    first = make_entry(pageant, hobbies=("hòa nhạc",), lives_in="Hoà Bình")
    second = make_entry(pageant, hobbies=("hoà nhạc",), lives_in="Hòa Bình")
    make_entry(pageant, hobbies=("hoa nhac",), lives_in="Hoá Bịnh 2")

    for query in ({"hobby": hobby}, {"place": place}):
        gallery = client.get("/pageants/faces/", query).context["gallery"]
        found = [card.key for card in gallery.page.rows]
        assert (found, gallery.other_hobby, gallery.other_place) == ([second.key, first.key], "", "")
    assert len(client.get("/pageants/faces/", {"q": hobby}).context["gallery"].page.rows) == 3
    assert [(tally.label, tally.entries) for tally in gallery.hobbies] == [("hoa nhac", 1), ("hòa nhạc", 2)]
    assert [(tally.label, tally.entries) for tally in gallery.places] == [("Hoà Bình", 2), ("Hoá Bịnh 2", 1)]
    html = client.get(second.get_absolute_url()).content.decode()
    assert ">Hòa Bình</a>" in html
    second.withdraw()
    assert Tally.objects.get(key="hoà nhạc").entries == 1


def test_hobbies_and_places_stand_in_the_order_of_the_alphabet(client: Client, pageant):
    entry = make_entry(pageant, hobbies=("đàn", "ăn", "vẽ", "an", "dù", "âm nhạc"), lives_in="Đà Lạt")
    make_entry(pageant, hobbies=("vẽ",), lives_in="Huế")
    make_entry(pageant, hobbies=("vẽ",), lives_in="Ấn Độ")

    gallery = client.get("/pageants/faces/").context["gallery"]
    in_order = ["an", "ăn", "âm nhạc", "dù", "đàn", "vẽ"]
    assert [tally.label for tally in gallery.hobbies] == in_order
    assert [tally.label for tally in gallery.places] == ["Ấn Độ", "Đà Lạt", "Huế"]
    assert [hobby.name for hobby in entry.tags] == in_order
    assert f'data-known="{",".join(in_order)}"' in client.get("/pageants/faces/enter/").content.decode()


def test_hobby_made_during_an_update_is_taken_up():
    Hobby.objects.bulk_create([Hobby(name="hòa nhạc", key="hoa nhac")])

    assert [(hobby.name, hobby.spelling) for hobby in Hobby.objects.named(["hòa nhạc"])] == [("hòa nhạc", "hoà nhạc")]


def as_before(entry: Entry, hobbies: list[str], place: str) -> None:
    """Rows as they were when only letters told hobbies apart."""
    for name in hobbies:
        hobby = Hobby.objects.filter(name=name).first() or Hobby.objects.bulk_create([Hobby(name=name, key=name)])[0]
        entry.hobbies.add(hobby)
        tally, _created = Tally.objects.get_or_create(
            pageant=entry.pageant, kind="hobby", key=name, defaults={"label": name}
        )
        Tally.objects.filter(pk=tally.pk).update(entries=tally.entries + 1)
    Entry.objects.filter(pk=entry.pk).update(place_key=place, search_key=f" an {place}", lives_in=place)
    Tally.objects.create(pageant=entry.pageant, kind="place", key=place, label=place, entries=1)


def test_rows_from_before_are_brought_together_without_losing_any(pageant):
    first, second, third = (make_entry(pageant) for _ in range(3))
    as_before(first, ["hoà nhạc", "hát", "ðàn tranh"], "da lat")
    as_before(second, ["hòa nhạc", "đàn tranh", "thủy mặc"], "ða lat")
    as_before(third, ["hòa nhạc", "hoà nhạc", "guðrún"], "ɖa lat")
    website = make_website()
    Suggestion.objects.filter(pk=website.pk).update(search_key=" ða nhac ɖ")

    for _ in range(2):
        one_spelling.fill(apps, None)
        suggestions_fold_d.fold_d(apps, None)

        assert {entry.pk: [hobby.name for hobby in entry.tags] for entry in Entry.objects.all()} == {
            first.pk: ["đàn tranh", "hát", "hoà nhạc"],
            second.pk: ["đàn tranh", "hoà nhạc", "thủy mặc"],
            third.pk: ["guðrún", "hoà nhạc"],
        }
        hobbies = list(Hobby.objects.values_list("name", "spelling"))
        assert sorted(hobbies) == sorted((name, spelling(name)) for name, _spelling in hobbies)
        assert tallies() == [
            ("da lat", "da lat", 3), ("guðrún", "guðrún", 1), ("hoà nhạc", "hoà nhạc", 3), ("hát", "hát", 1),
            ("thuỷ mặc", "thủy mặc", 1), ("đàn tranh", "đàn tranh", 2),
        ]  # fmt: skip
        assert set(Entry.objects.values_list("place_key", "search_key")) == {("da lat", " an da lat")}
        assert Suggestion.objects.get(pk=website.pk).search_key == " da nhac d"


@pytest.mark.parametrize(
    "name",
    [
        "hòa",
        "thủy",
        "huỳnh",
        "hùynh",
        "ngòai",
        "quý",
        "ðàn",
        "ðắk",
        "guðrún",
        "xe-ðạp",
        "rió",
        "toán ðố",
        "a\u0323b",
        "𝐨̀a",
    ],
)
def test_rows_from_before_get_the_spelling_of_today(name: Any):
    assert one_spelling.spelling(name) == spelling(name)
