"""The whole life of an entry's photo in a bucket, and what people see while the bucket is away."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from core.file_storage import StorageAway
from core.pictures import stored_files
from pageant import jobs
from pageant.models import Entry, Photo
from privacy.registry.finders import Subject
from privacy.rights import erasure
from tests.core.buckets import bucket_that, names_in, slow
from tests.core.factories import SMALL, make_staff
from tests.pageant.factories import make_entry, make_pageant
from tests.pageant.test_submission import draft_of, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_bucket")]


def masters() -> list[str]:
    return names_in(storages["private"])


def public_files() -> list[str]:
    return names_in(default_storage)


def addresses(entry: Entry) -> list[str]:
    return [default_storage.url(name) for photo in entry.photos.all() for name in photo.rendition_names()]


def statuses(client: Client, paths: list[str]) -> set[int]:
    return {client.get(path).status_code for path in paths}


def test_photo_is_entered_approved_shown_and_withdrawn(client):
    make_pageant(slug="faces")
    refused = send(client, email="")
    key = re.search(rb'src="(/pageants/faces/enter/[^"]+)"', refused.content)[1].decode()
    preview = client.get(key)
    assert (preview.status_code, preview["Content-Type"]) == (200, "image/jpeg")
    assert send(client, photos=None, draft=draft_of(refused.content)).status_code == 302
    entry = Entry.objects.get()
    assert masters() == [entry.photos.get().master_name]
    entry.confirm()
    Entry.objects.get().approve(by=make_staff())

    assert public_files() == sorted(entry.photos.get().rendition_names())
    paths = addresses(entry)
    assert re.findall(r"https?://127", client.get(entry.get_absolute_url()).content.decode()) == []
    for path in paths:
        response = client.get(path)
        body = response.getvalue()
        assert (response.status_code, response["Content-Length"]) == (200, str(len(body)))
        assert response["Content-Type"] == {"avif": "image/avif", ".jpg": "image/jpeg"}[path[-4:]]
        assert response["Cache-Control"] == "private, max-age=300, must-revalidate"
        assert client.get(path, headers={"if-none-match": response["ETag"]}).status_code == 304

    Entry.objects.get().withdraw()

    assert statuses(client, paths) == {404}
    assert (masters(), public_files()) == ([], [])


def test_withdrawn_photo_is_gone_at_once_even_if_the_bucket_is_away(client):
    entry = make_entry(size=SMALL)
    paths, files = addresses(entry), [*masters(), *public_files()]

    with bucket_that(lambda _request: (503, "SlowDown")):
        Entry.objects.get().withdraw()
        assert statuses(client, paths) == {404}

    assert [*masters(), *public_files()] == files
    assert Entry.objects.get().status == "withdrawn"
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        jobs.check_files()
    assert [*masters(), *public_files()] == []


def test_person_who_is_erased_leaves_no_file():
    entry, other = make_entry(size=SMALL), make_entry(size=SMALL)

    erasure.erase(Subject.of(entry.email))

    assert masters() == [other.photos.get().master_name]
    assert public_files() == sorted(other.photos.get().rendition_names())


def test_files_are_compared_and_mended(monkeypatch, capsys):
    monkeypatch.setattr(stored_files, "BATCH", 2)
    entries = [make_entry(size=SMALL) for _ in range(5)]
    bare, lost, *_rest = [entry.photos.get() for entry in entries]
    default_storage.delete(bare.rendition_names()[0])
    default_storage.save(bare.rendition_names()[1], ContentFile(b""))
    storages["private"].delete(lost.master_name)
    orphans = [f"masters/{name[:2]}/{name}.jpg" for name in ("0" * 32, "f" * 32)]
    for name in orphans:
        storages["private"].save(name, ContentFile(b"x"))

    jobs.check_files()
    assert set(orphans) <= set(masters())  # they may be somebody's who still writes
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False), pytest.raises(SystemExit):
        call_command("check_files")

    assert Photo.objects.lost().get() == lost
    assert sorted(masters()) == sorted(photo.master_name for photo in Photo.objects.exclude(pk=lost.pk))
    assert public_files() == sorted(name for photo in Photo.objects.all() for name in photo.rendition_names())
    assert default_storage.size(bare.rendition_names()[1]) > 0


# Away


ANSWERS = {
    "gone": (lambda _request: (503, "ServiceUnavailable"), "Our store of photos is not answering."),
    "slow": (slow, "Our store of photos is not answering."),
    "closed": (lambda _request: (403, "AccessDenied"), "Our store of photos is not answering."),
    "full": (lambda _request: (507, "XMinioStorageFull"), "Our disk is full"),
}


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("answer", ANSWERS)
def test_form_that_can_not_be_taken_says_why_and_can_be_sent_again(visitor, mailoutbox, answer):
    make_pageant(slug="faces")
    draft = draft_of(visitor.get("/pageants/faces/enter/").content)
    answers, words = ANSWERS[answer]

    with bucket_that(answers):
        response = send(visitor, draft=draft)

    page = response.content.decode()
    assert (response.status_code, int(response["Retry-After"]) >= 10) == (503, True)
    assert (words in page, "most browsers still have what you typed" in page) == (True, True)
    assert (Entry.objects.count(), Photo.objects.count(), len(mailoutbox)) == (0, 0, 0)
    assert send(visitor, draft=draft).status_code == 302
    assert (Entry.objects.count(), Photo.objects.count(), len(mailoutbox)) == (1, 1, 1)


def test_pages_are_live_while_the_bucket_is_away_and_pictures_say_so(visitor):
    entry = make_entry(size=SMALL)
    paths = addresses(entry)

    with bucket_that(lambda _request: (503, "SlowDown")):
        pages = [entry.get_absolute_url(), entry.pageant.get_absolute_url(), "/"]
        assert statuses(visitor, pages) == {200}
        assert statuses(visitor, paths) == {503}
    assert statuses(visitor, paths) == {200}


def test_nothing_is_marked_as_lost_or_public_while_the_bucket_is_away(settings):
    settings.WORK = "worker"
    shown, waiting = make_entry(size=SMALL), make_entry(status="waiting", size=SMALL)
    waiting.approve(by=make_staff())
    with bucket_that(lambda _request: (503, "SlowDown")):
        for job in (jobs.check_files, jobs.publish_approved):
            with pytest.raises(StorageAway):
                job()
        with pytest.raises(CommandError, match="Stopped, to be started again"):
            call_command("check_files")
        assert list(Entry.objects.public()) == [shown]
    assert Photo.objects.lost().count() == 0

    jobs.publish_approved()
    assert Entry.objects.public().count() == 2
