"""A person's own entry, behind a mailed link."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from pageant import mails
from pageant.models import Entry, Pageant, Photo, Tally
from privacy.account import magic_links
from privacy.models import MailedLink
from tests.core.factories import a_photo, make_staff
from tests.pageant.factories import make_entry

pytestmark = pytest.mark.django_db(transaction=True)


def open_page(client: Client, email: str) -> str:
    """The address of the person's page, as a link in a mail opens it."""
    link = MailedLink.objects.create(
        purpose="open",
        email=email,
        language="en",
        token_digest=magic_links.token_digest("t" * 43),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    address = client.post(f"/privacy/you/{'t' * 43}/")["Location"]
    link.delete()
    return address


def edit(client: Client, page: str, entry: Entry, **changes: Any) -> Any:
    address = f"{page}entries/{entry.key}/edit/"
    draft = re.search(r'name="draft" value="([^"]+)"', client.get(address).content.decode())[1]
    return client.post(address, {"draft": draft, "display_name": "Ánh", "hobbies": "hát", **changes})


def status_of(client: Client, address: str) -> int:
    response = client.get(address)
    response.close()  # the file that it serves
    return response.status_code


def files(storage: str) -> list[str]:
    root = storages[storage].location
    return sorted(str(file.relative_to(root)) for file in Path(root).rglob("*.*"))


def test_mailed_link_confirms_by_a_button_and_leads_to_the_page(client, mailoutbox):
    entry = make_entry(status="unconfirmed", language="en")
    mails.send_confirmation(entry)
    address = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1]

    for _ in range(2):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert Entry.objects.get().status == "unconfirmed"

    response = client.post(address, follow=True)

    assert Entry.objects.get().status == "waiting"
    assert "Waiting for our staff" in response.content.decode()
    assert client.cookies == {}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("unconfirmed", "Not confirmed yet"),
        ("waiting", "Waiting for our staff to look at it"),
        ("approved", "Approved: everybody can see it"),
        ("rejected", "The pictures are too dark, too small or too blurred."),
        ("withdrawn", "Nobody can see it any more"),
    ],
)
def test_page_tells_the_state(client, status, text):
    entry = make_entry(status=status)

    assert text in client.get(open_page(client, entry.email)).content.decode()


def test_page_shows_nothing_of_others(client):
    mine, other = make_entry(), make_entry(display_name="Somebody else")
    page = open_page(client, mine.email)

    assert "Somebody else" not in client.get(page).content.decode()
    paths = [f"entries/{other.key}/{verb}/" for verb in ("edit", "withdraw", "confirm")]
    paths.append(f"entries/photos/{other.photos.get().key}/")
    assert [client.post(page + path).status_code for path in paths[:3]] == [404, 404, 404]
    assert [client.get(page + path).status_code for path in (*paths[:2], paths[3])] == [404, 404, 404]
    assert Entry.objects.get(pk=other.pk).status == "approved"


def test_edit_goes_back_to_the_queue_and_off_the_site(client):
    entry = make_entry(hobbies=("hát",), lives_in="Huế")
    public = [entry.get_absolute_url(), *map(default_storage.url, entry.photos.get().rendition_names())]
    assert {status_of(client, address) for address in public} == {200}
    page = open_page(client, entry.email)

    response = edit(client, page, entry, lives_in="Đà Lạt", hobbies="guitar", about="Mới")

    assert (response.status_code, response["Location"]) == (302, f"{page}?done=saved")
    changed = Entry.objects.get()
    assert (changed.status, changed.lives_in, changed.about, changed.decided_by) == ("waiting", "Đà Lạt", "Mới", None)
    assert changed.search_key == " anh da lat guitar"
    assert {status_of(client, address) for address in public} == {404}
    assert files("default") == []
    assert Pageant.objects.get().entry_count == 0
    assert Tally.objects.count() == 0


def test_edit_changes_photos(client):
    entry = make_entry(photos=2)
    first, second = entry.photos.all()
    page = open_page(client, entry.email)
    new = SimpleUploadedFile("c.jpg", a_photo(3))

    edit(client, page, entry, remove=first.key, photos=new, descriptions="neu", **{f"description_{second.key}": "zwei"})

    assert [(photo.position, photo.description) for photo in entry.photos.all()] == [(1, "zwei"), (2, "neu")]
    assert not Photo.objects.filter(pk=first.pk).exists()
    assert len(files("private")) == 2


def test_edit_with_an_error_keeps_everything(client):
    entry = make_entry(photos=2)
    first, second = entry.photos.all()
    page = open_page(client, entry.email)

    response = edit(
        client, page, entry, display_name="", remove=first.key, photos=SimpleUploadedFile("c.jpg", a_photo(3))
    )

    assert Entry.objects.get().status == "approved"
    assert entry.photos.count() == 2
    html = response.content.decode()
    assert f'<input type="hidden" name="remove" value="{first.key}">' in html
    shown = re.findall(r'src="(/privacy/you/[^"]+|/pageants/[^"]+)"', html)
    assert [status_of(client, address) for address in shown] == [200, 200]
    assert f"/entries/photos/{second.key}/" in shown[0]


def test_edit_of_an_unconfirmed_entry_leaves_it_unconfirmed(client):
    entry = make_entry(status="unconfirmed")

    edit(client, open_page(client, entry.email), entry)

    assert (Entry.objects.get().status, Entry.objects.get().display_name) == ("unconfirmed", "Ánh")


def test_edit_posted_twice_happens_once(client):
    entry = make_entry()
    page = open_page(client, entry.email)
    draft = re.search(r'name="draft" value="([^"]+)"', client.get(f"{page}entries/{entry.key}/edit/").content.decode())[
        1
    ]
    for _ in range(2):
        post = {"draft": draft, "display_name": "Ánh", "photos": SimpleUploadedFile("c.jpg", a_photo(3))}
        assert client.post(f"{page}entries/{entry.key}/edit/", post)["Location"] == f"{page}?done=saved"

    assert entry.photos.count() == 2
    assert Entry.objects.get().revision == entry.revision + 1


def test_edit_ends_with_the_pageant(client):
    entry = make_entry(status="waiting")
    Pageant.objects.update(closes_at=timezone.now())
    page = open_page(client, entry.email)

    response = client.post(f"{page}entries/{entry.key}/edit/", {"display_name": "x"})

    assert response.status_code == 403
    assert "This pageant is closed" in response.content.decode()
    assert "edit" not in client.get(page).content.decode()
    assert Entry.objects.get().display_name == entry.display_name


@pytest.mark.parametrize("status", ["unconfirmed", "waiting", "approved", "rejected"])
def test_withdrawn_entry_is_gone_with_the_next_request(client, status):
    entry = make_entry(status=status)
    public = [entry.get_absolute_url(), *map(default_storage.url, entry.photos.get().rendition_names())]
    page = open_page(client, entry.email)
    address = f"{page}entries/{entry.key}/withdraw/"

    assert client.get(address).status_code == 200
    assert Entry.objects.get().status == status
    assert client.post(address)["Location"] == f"{page}?done=withdrawn"
    assert client.post(address)["Location"] == f"{page}?done=withdrawn"

    assert Entry.objects.get().status == "withdrawn"
    assert {status_of(client, address) for address in public} == {404}
    assert (files("default"), files("private"), Photo.objects.count()) == ([], [], 0)
    assert entry.display_name not in client.get(f"/pageants/{entry.pageant.slug}/").content.decode()
    assert Pageant.objects.get().entry_count == 0


def test_withdrawing_works_after_the_pageant_has_closed(client):
    entry = make_entry()
    Pageant.objects.update(closes_at=timezone.now())

    client.post(f"{open_page(client, entry.email)}entries/{entry.key}/withdraw/")

    assert Entry.objects.get().status == "withdrawn"


def test_page_is_over_after_an_hour(client):
    entry = make_entry()
    page = open_page(client, entry.email)

    with time_machine.travel(timezone.now() + timedelta(minutes=59), tick=False):
        assert client.get(page).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        answers = [client.get(page), client.post(f"{page}entries/{entry.key}/withdraw/")]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert Entry.objects.get().status == "approved"


def test_rejected_entry_can_be_changed_and_comes_back(client):
    entry = make_entry(status="rejected")

    edit(client, open_page(client, entry.email), entry)

    entry = Entry.objects.get()
    assert (entry.status, entry.reason) == ("waiting", "")
    entry.approve(by=make_staff())
    assert Entry.objects.get().is_public
