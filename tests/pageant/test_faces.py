"""The newest faces on the cards of pageants."""

import pytest

from pageant.models import Photo
from pageant.public_rows import add_faces, all_pageants
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db


def owners(pageant):
    photos = [Photo.objects.get(key=face.key) for face in pageant.faces]
    assert all(photo.position == 1 for photo in photos)
    return [photo.entry.display_name for photo in photos]


def test_each_pageant_shows_the_first_photos_of_its_own_newest_public_entries():
    spring, autumn, empty = (make_pageant(slug=slug) for slug in ("spring", "autumn", "empty"))
    for number in range(5):
        make_entry(spring, display_name=f"Xuân {number}", photos=2)
    make_entry(autumn, display_name="Thu")
    for status in ("unconfirmed", "waiting", "rejected", "withdrawn"):
        make_entry(autumn, display_name=f"Ẩn {status}", status=status)

    add_faces([spring, autumn, empty])

    assert [owners(pageant) for pageant in (spring, autumn, empty)] == [["Xuân 4", "Xuân 3", "Xuân 2"], ["Thu"], []]


def test_faces_of_all_pageants_take_one_query(django_assert_num_queries):
    for _ in range(12):
        make_entry(make_pageant())
    with django_assert_num_queries(4):  # one for each list, one for the faces
        found = all_pageants()

    assert [len(pageant.faces) for pageant in found.current] == [1] * 12


def test_no_pageant_takes_no_query_for_faces(django_assert_num_queries):
    with django_assert_num_queries(3):
        assert all_pageants() == ([], [], [])
