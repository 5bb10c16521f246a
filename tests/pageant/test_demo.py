"""The demo: whose pictures stand side by side, and what a pageant that is over has."""

import pytest

from demo.pageant import casting, content, people
from demo.pageant.pictures import chosen, describe
from pageant.models import Cosponsorship, Entry, Pageant, Report, SponsorReport
from pageant.sponsors import monthly_reports
from privacy.models import Disclosure
from tests.core.factories import a_master, make_staff

COVERS = [chosen(person.photos[0]) for person in people.PEOPLE]


@pytest.mark.parametrize("first", range(len(COVERS) - casting.APART))
def test_first_pictures_of_neighbours_show_different_things(first):
    """One more than a dozen: one of them may have been rejected."""
    neighbours = COVERS[first : first + casting.APART + 1]

    assert len({motif.en for motif, _palette in neighbours}) == len(neighbours)


def test_first_pictures_of_neighbours_have_different_colours():
    for apart in (1, 2, 3, 4):  # beside and below each other, in rows of up to four
        assert all(a[1] != b[1] for a, b in zip(COVERS, COVERS[apart:], strict=False))


def test_no_two_pictures_are_the_same():
    seeds = [seed for person in people.PEOPLE for seed in person.photos]

    assert len(set(seeds)) == len(seeds)
    for person in people.PEOPLE:
        assert len({chosen(seed)[0].en for seed in person.photos}) == person.photo_count


def test_player_is_shown_with_the_instrument_where_no_neighbour_is():
    suited = [
        bool(set(person.hobbies) & set(cover.hobbies)) for person, (cover, _) in zip(people.PEOPLE, COVERS, strict=True)
    ]

    assert sum(suited) > len(suited) / 2
    assert "đàn tranh" in describe(people.PEOPLE[9].photos[0], "vi")


@pytest.mark.django_db
def test_pageant_that_is_over_has_all_that_one_leaves_behind(monkeypatch):
    few = (*people.PEOPLE[:2], *people.PEOPLE[-9:])
    monkeypatch.setattr(content, "PEOPLE", few)
    monkeypatch.setattr(content, "IN_PAST", 2)
    monkeypatch.setattr(content, "masters_of", lambda found: ([a_master()] * person.photo_count for person in found))
    staff = make_staff()
    list(content.load(staff=staff))
    Entry.objects.filter(pageant__slug="first-songs").update(email="")  # as their retention will have it
    list(content.load(staff=staff))

    past = Pageant.objects.past().get()
    assert (Entry.objects.count(), Entry.objects.public().filter(pageant=past).count(), past.entry_count) == (11, 2, 2)
    assert Cosponsorship.objects.filter(ended_at=None).get().pageant == Pageant.objects.open().get()
    assert set(Disclosure.objects.values_list("recipient", flat=True)) == {
        people.SPONSOR.name, people.PAST_SPONSOR.name,
    }  # fmt: skip
    assert list(Report.objects.filter(closed_at=None).values_list("entry__pageant__slug", flat=True)) == [
        "faces-of-vietmusic"
    ]
    assert Report.objects.get(entry__pageant=past).closed_by == staff
    months = set(SponsorReport.objects.filter(pageant=past).values_list("month", flat=True))
    assert months == set(monthly_reports.months_of(past))
