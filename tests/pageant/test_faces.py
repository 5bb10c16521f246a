"""The newest faces on the cards of pageants."""

import pytest

from pageant.models import Pageant
from pageant.photos.card_photos import with_faces
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db


def owners(pageant):
    return [face.entry.display_name for face in pageant.faces]


def test_each_pageant_shows_the_first_photos_of_its_own_newest_public_entries():
    spring, autumn, empty = (make_pageant(slug=slug) for slug in ("spring", "autumn", "empty"))
    for number in range(5):
        make_entry(spring, display_name=f"Xuân {number}", photos=2)
    make_entry(autumn, display_name="Thu")
    for status in ("unconfirmed", "waiting", "rejected", "withdrawn"):
        make_entry(autumn, display_name=f"Ẩn {status}", status=status)

    (found,) = with_faces(Pageant.objects.filter(pk__in=(spring.pk, autumn.pk, empty.pk)).order_by("pk"))

    assert [owners(pageant) for pageant in found] == [["Xuân 4", "Xuân 3", "Xuân 2"], ["Thu"], []]
    assert {face.position for pageant in found for face in pageant.faces} == {1}


def test_faces_of_all_pageants_take_one_query(django_assert_num_queries):
    for _ in range(12):
        make_entry(make_pageant())
    with django_assert_num_queries(2):
        (found,) = with_faces(Pageant.objects.all())

    assert [len(pageant.faces) for pageant in found] == [1] * 12


def test_no_pageant_takes_no_query_for_faces(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert with_faces(Pageant.objects.all(), Pageant.objects.none()) == [[], []]
