"""Correcting an entry once its pageant has closed, and what its owner agreed to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pageant.models import Entry
from tests.pageant.factories import make_entry, make_pageant
from tests.pageant.test_own_page import open_page

pytestmark = pytest.mark.django_db(transaction=True)

ANH = "anh@example.com"


@pytest.fixture
def past():
    now = timezone.now()
    return make_pageant(opens_at=now - timedelta(days=30), closes_at=now - timedelta(days=10))


def test_words_of_an_entry_can_be_corrected_after_the_pageant(client, past):
    entry = make_entry(past, email=ANH, lives_in="Huê", hobbies=("hát",))
    page = open_page(client, ANH)
    assert f"entries/{entry.key}/correct/" in client.get(page).content.decode()

    words = {"display_name": "Ánh", "lives_in": "Huế", "hobbies": "đàn tranh"}
    response = client.post(f"{page}entries/{entry.key}/correct/", words)

    entry.refresh_from_db()
    assert response["Location"] == f"{page}?done=saved"
    assert (entry.display_name, entry.lives_in, entry.status, entry.is_public) == ("Ánh", "Huế", "waiting", False)
    assert [hobby.name for hobby in entry.hobbies.all()] == ["đàn tranh"]
    assert entry.search_key == " anh hue dan tranh"
    assert entry.photos.count() == 1


def test_correction_without_a_name_comes_back(client, past):
    entry = make_entry(past, email=ANH)
    page = open_page(client, ANH)

    response = client.post(f"{page}entries/{entry.key}/correct/", {"display_name": "", "lives_in": "Huế"})

    assert (response.status_code, Entry.objects.get().is_public) == (200, True)
    assert "This field is required." in response.content.decode()


def test_entry_that_staff_decided_on_meanwhile_is_corrected_all_the_same(client, past):
    entry = make_entry(past, email=ANH, status="waiting")
    page = open_page(client, ANH)
    Entry.objects.filter(pk=entry.pk).update(revision=7)

    client.post(f"{page}entries/{entry.key}/correct/", {"display_name": "Ánh"})

    assert Entry.objects.get().display_name == "Ánh"


def test_open_pageant_and_withdrawn_entry_have_no_corrections(client, past):
    open_one = make_entry(email=ANH)
    withdrawn = make_entry(past, email=ANH, status="withdrawn")
    page = open_page(client, ANH)

    html = client.get(page).content.decode()
    assert "/correct/" not in html
    for entry in (open_one, withdrawn):
        before = entry.display_name
        client.post(f"{page}entries/{entry.key}/correct/", {"display_name": "Ánh"})
        entry.refresh_from_db()
        assert entry.display_name == before


def test_nobody_corrects_another_persons_entry(client, past):
    entry = make_entry(past, email="binh@example.com")

    response = client.post(f"{open_page(client, ANH)}entries/{entry.key}/correct/", {"display_name": "Ánh"})

    assert response.status_code == 404
