"""Files that are missing: made again where they can be, and asked for where they can't."""

import errno
import os
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.durable_files import DurableFileSystemStorage
from core.jobs import within
from core.moderation import Status
from core.pictures import stored_files
from pageant import jobs
from pageant.models import Draft, Entry, Pageant, Photo
from pageant.models.entry import PhotoLost
from privacy.registry.finders import Subject
from privacy.rights import erasure
from tests.core.factories import SMALL, a_master, a_photo, make_staff
from tests.pageant.factories import make_entry, make_pageant
from tests.pageant.test_own_page import edit, open_page

pytestmark = pytest.mark.django_db(transaction=True)


def renditions(photo: Photo) -> list[Path]:
    return [Path(default_storage.path(name)) for name in photo.rendition_names()]


def master(photo: Photo) -> Path:
    return Path(storages["private"].path(photo.master_name))


def public_files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(default_storage.location).rglob("*.*")}


def lose(entry: Entry, count: int = 1) -> None:
    """Takes masters away, and has that found."""
    for photo in list(entry.photos.all())[:count]:
        master(photo).unlink()
    jobs.check_files()


def check_files(*options: str) -> tuple[int, str]:
    """The exit code and what it says, without leading spaces."""
    said = StringIO()
    try:
        call_command("check_files", *options, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), re.sub("^ +", "", said.getvalue(), flags=re.MULTILINE)
    return 0, re.sub("^ +", "", said.getvalue(), flags=re.MULTILINE)


# Made again


@pytest.mark.parametrize(
    "harm",
    [
        lambda paths: [path.unlink() for path in paths],
        lambda paths: paths[2].unlink(),
        lambda paths: paths[0].write_bytes(b""),
        lambda paths: paths[0].parent.rename(paths[0].parents[2] / "elsewhere"),
    ],
    ids=["all", "one", "an empty one", "their folder"],
)
def test_public_files_that_are_missing_are_made_again(harm: Callable[[list[Path]], object], client):
    entry = make_entry()
    make_entry(entry.pageant, status="waiting", size=SMALL)
    before = public_files()
    harm(renditions(entry.photos.get()))

    jobs.check_files()

    assert {name: data for name, data in public_files().items() if name in before} == before
    assert Photo.objects.lost().count() == 0
    response = client.get(default_storage.url(entry.photos.get().rendition_names()[0]))
    assert (response.status_code, len(response.getvalue()) > 0) == (200, True)


def after_saving(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Calls `act` with the number of the file, whenever one was written."""
    save, numbers = DurableFileSystemStorage._save, iter(range(100))

    def save_and_act(*args: Any) -> str:
        name = save(*args)
        act(next(numbers))
        return name

    monkeypatch.setattr(DurableFileSystemStorage, "_save", save_and_act)


@pytest.mark.parametrize("moment", [0, 1, 3])
@pytest.mark.parametrize("end", ["withdraw", "reject", "erase", "remove the photo"])
def test_entry_that_ends_while_its_files_are_made_again_leaves_none(monkeypatch, moment, end):
    entry, staff = make_entry(), make_staff()
    photo = entry.photos.get()
    for path in renditions(photo):
        path.unlink()
    ends = {
        "withdraw": lambda: Entry.objects.get().withdraw(),
        "reject": lambda: Entry.objects.get().reject(by=staff, reason="quality"),
        "erase": lambda: erasure.erase(Subject.of(entry.email)),
        "remove the photo": lambda: Photo.objects.all().delete(),
    }

    with monkeypatch.context() as patch:
        after_saving(patch, lambda number: ends[end]() if number == moment else None)
        jobs.check_files()

    assert public_files() == {}
    assert master(photo).exists() == (end == "reject")


@pytest.mark.parametrize("moment", [0, 2])
def test_disk_that_is_full_while_files_are_made_again_is_tried_again(monkeypatch, moment):
    entry = make_entry()
    before = public_files()
    for path in renditions(entry.photos.get()):
        path.unlink()

    def fail(number: int) -> None:
        if number == moment:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        after_saving(patch, fail)
        with pytest.raises(OSError, match="No space"):
            jobs.check_files()
    assert set(public_files()) < set(before)

    jobs.check_files()

    assert public_files() == before
    assert Photo.objects.lost().count() == 0


def test_file_that_can_not_be_read_or_deleted_holds_up_no_other(monkeypatch, caplog):
    photos = sorted((make_entry(size=SMALL).photos.get() for _ in range(2)), key=lambda photo: photo.key)
    bad, good = photos
    for photo in photos:
        renditions(photo)[0].unlink()
    folder = renditions(good)[0].parent / "@eaDir"  # as some file servers make in each folder
    folder.mkdir()
    (folder / "thumbnail").touch()
    os.utime(folder, (0, 0))
    open_master = Photo.open_master

    def open_unless_bad(photo: Photo) -> Any:
        if photo == bad:
            raise OSError(errno.EIO, "Input/output error")
        return open_master(photo)

    monkeypatch.setattr(Photo, "open_master", open_unless_bad)
    assert check_files()[0] == 1

    assert (renditions(good)[0].exists(), renditions(bad)[0].exists(), folder.exists()) == (True, False, True)
    assert bad.key in caplog.text
    assert not Photo.objects.lost().exists()


def test_write_that_was_killed_leaves_nothing_for_long():
    entry = make_entry()
    path = renditions(entry.photos.get())[0]
    left = path.with_name(f"{path.name}.0123456789abcdef")
    left.write_bytes(b"half")
    jobs.check_files()
    assert left.exists()  # it may be somebody's who still writes

    os.utime(left, (1, 1))
    jobs.check_files()

    assert (left.exists(), path.exists()) == (False, True)


def test_sweep_goes_on_where_it_ended(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(stored_files, "BATCH", 2)
    pageant = make_pageant()
    photos = sorted((make_entry(pageant, size=SMALL).photos.get() for _ in range(5)), key=lambda photo: photo.key)
    for photo in photos:
        renditions(photo)[0].unlink()

    counts = [sum(renditions(photo)[0].exists() for photo in photos)]
    for _ in range(3):
        jobs.check_files()
        counts.append(sum(renditions(photo)[0].exists() for photo in photos))

    assert counts == [0, 2, 4, 5]
    with django_assert_num_queries(1):  # nothing is missing
        jobs.check_files()


def test_time_that_is_over_stops_a_sweep_which_then_goes_on():
    photos = [make_entry(size=SMALL).photos.get() for _ in range(2)]
    for photo in photos:
        renditions(photo)[0].unlink()
    with within(timedelta()):
        jobs.check_files()
    assert not any(renditions(photo)[0].exists() for photo in photos)

    jobs.check_files()

    assert all(renditions(photo)[0].exists() for photo in photos)


# Lost


@pytest.mark.parametrize("status", [Status.WAITING, Status.REJECTED])
def test_entry_without_a_master_can_not_be_approved(status):
    entry = make_entry(status=status)
    master(entry.photos.get()).unlink()

    with pytest.raises(PhotoLost):
        Entry.objects.get().approve(by=make_staff())

    assert (Entry.objects.get().status, Photo.objects.lost().count()) == (status, 1)


def test_staff_see_what_is_lost():
    lost, whole = make_entry(status="waiting", display_name="Lan"), make_entry(status="waiting", display_name="Mai")
    lose(lost)
    moderator = Client()
    moderator.force_login(make_staff())

    entries = reverse("admin:pageant_entry_changelist")
    rows = moderator.get(entries).content.decode()
    assert [("photo lost" in row) for row in re.findall(r"<tr>.*?</tr>", rows, re.DOTALL) if "Lan" in row] == [True]
    assert [("photo lost" in row) for row in re.findall(r"<tr>.*?</tr>", rows, re.DOTALL) if "Mai" in row] == [False]
    found = moderator.get(f"{entries}?flag=lost").content.decode()
    assert ("Lan" in found, "Mai" in found) == (True, False)
    page = moderator.get(reverse("admin:pageant_entry_change", args=[lost.pk])).content.decode()
    assert str(PhotoLost.message) in page
    assert "This photo is lost." in page
    assert ('name="approve"' in page, 'name="reject"' in page) == (False, True)
    other = moderator.get(reverse("admin:pageant_entry_change", args=[whole.pk])).content.decode()
    assert ('name="approve"' in other, "lost" in other) == (True, False)

    decide = reverse("admin:pageant_entry_decide", args=[lost.pk])
    refused = moderator.post(decide, {"revision": lost.revision, "approve": "1"}, follow=True).content.decode()
    assert f"Lan: {PhotoLost.message}" in refused
    assert Entry.objects.get(pk=lost.pk).status == "waiting"


def test_approved_entry_whose_master_is_gone_is_not_tried_for_ever(settings, caplog):
    settings.WORK = "worker"
    entry = make_entry(status="waiting")
    entry.approve(by=make_staff())
    master(entry.photos.get()).unlink()

    jobs.publish_approved()
    caplog.clear()
    jobs.publish_approved()

    assert (caplog.records, Photo.objects.lost().count(), Entry.objects.public().count()) == ([], 1, 0)


def test_master_that_is_back_is_lost_no_more(settings):
    settings.WORK = "worker"
    entry = make_entry(status="waiting")
    entry.approve(by=make_staff())
    path = master(entry.photos.get())
    path.rename(path.with_suffix(".away"))
    jobs.check_files()
    assert Photo.objects.lost().count() == 1

    path.write_bytes(b"torn")
    jobs.check_files()
    assert Photo.objects.lost().count() == 1
    path.with_suffix(".away").rename(path)
    jobs.check_files()
    jobs.publish_approved()

    assert (Photo.objects.lost().count(), Entry.objects.public().count()) == (0, 1)


def test_public_entry_without_a_master_stays_public():
    entry = make_entry()
    before = public_files()

    lose(entry)

    assert (Entry.objects.get().is_public, public_files(), Photo.objects.lost().count()) == (True, before, 1)


# Asked for


def later(**time: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


@pytest.mark.parametrize("status", [Status.WAITING, Status.APPROVED])
def test_person_is_asked_once_after_a_day(mailoutbox, status):
    entry = make_entry(status=status, language="en")
    mailoutbox.clear()
    lose(entry)

    with later(hours=23):
        jobs.ask_for_lost_photos()
    assert mailoutbox == []
    for days in (1, 2):
        with later(days=days, minutes=1):
            jobs.ask_for_lost_photos()

    (mail,) = mailoutbox
    assert (mail.to, "/privacy/you/" in mail.body) == ([entry.email], True)
    assert mail.subject == f"Please send your photo again: {entry.pageant.title}"
    assert "a photo of your entry" in mail.body


@pytest.mark.parametrize("status", [Status.UNCONFIRMED, Status.REJECTED])
def test_others_are_not_asked(mailoutbox, status):
    lose(make_entry(status=status))
    erased = make_entry(status="waiting")
    lose(erased)
    Entry.objects.filter(pk=erased.pk).update(email="")
    back = make_entry(status="waiting")
    lose(back)
    storages["private"].save(back.photos.get().master_name, SimpleUploadedFile("a", a_master().jpeg))
    jobs.check_files()
    mailoutbox.clear()

    with later(days=2):
        jobs.ask_for_lost_photos()

    assert mailoutbox == []


def send_again(client: Client, page: str, entry: Entry, **changes: Any) -> Any:
    photo = SimpleUploadedFile("a.jpg", a_photo(5), "image/jpeg")
    return edit(client, page, entry, photos=photo, **changes)


@pytest.mark.parametrize("is_over", [False, True])
def test_person_sends_a_photo_again(client, is_over):
    entry = make_entry(status="waiting", photos=2)
    lost, kept = entry.photos.all()
    if is_over:
        Pageant.objects.update(closes_at=timezone.now() - timedelta(hours=1))
    lose(entry)
    page = open_page(client, entry.email)
    own = client.get(page).content.decode()
    assert "We have lost a photo of this entry." in own
    assert f"{page}entries/{entry.key}/edit/" in own
    assert (f"photos/{kept.key}/" in own, f'src="{page}entries/photos/{lost.key}/' in own) == (True, False)
    form = client.get(f"{page}entries/{entry.key}/edit/").content.decode()
    assert f"You described it like this: “{lost.description}”" in form
    assert f'name="description_{lost.key}"' not in form

    response = send_again(client, page, entry)

    assert (response.status_code, response["Location"]) == (302, f"{page}?done=saved")
    entry = Entry.objects.get()
    keys = [photo.key for photo in entry.photos.all()]
    assert (entry.status, len(keys), keys[0], lost.key in keys) == ("waiting", 2, kept.key, False)
    assert (entry.can_be_edited, entry.can_be_corrected) == (not is_over, is_over)
    entry.approve(by=make_staff())
    assert Entry.objects.get().is_public


def test_form_asks_for_the_only_photo_that_is_lost_and_loses_nothing_else(client):
    entry = make_entry(status="waiting")
    lose(entry)
    page = open_page(client, entry.email)

    refused = edit(client, page, entry, display_name="Ánh Mới").content.decode()

    assert "Please choose at least one photo." in refused
    assert ("Ánh Mới" in refused, Photo.objects.count()) == (True, 1)


def test_photo_of_a_form_that_was_not_sent_is_asked_for_there(client):
    pageant = make_pageant()
    draft = Draft.objects.create(pageant=pageant, key=Draft.new_key())
    photo = Photo.objects.add(a_master(), draft=draft)
    master(photo).unlink()
    jobs.check_files()

    fields = {
        "draft": draft.key,
        "display_name": "Ánh",
        "email": "a@example.com",
        "is_adult": "on",
        "owns_photos": "on",
    }
    page = client.post(f"/pageants/{pageant.slug}/enter/", fields).content.decode()

    assert "Please choose at least one photo." in page
    assert f'name="description_{photo.key}"' not in page


# The command


def test_command_mends_and_names_what_is_lost():
    public, waiting = make_entry(), make_entry(status="waiting")
    draft = Photo.objects.add(a_master(), draft=Draft.objects.create(pageant=public.pageant, key=Draft.new_key()))
    for path in renditions(public.photos.get()):
        path.unlink()
    for photo in (waiting.photos.get(), draft):
        master(photo).unlink()
    named = (
        f"Lost: photo {waiting.photos.get().pk} of entry {waiting.pk} (waiting)\n"
        f"Lost: photo {draft.pk} of a form that was not sent\n"
    )

    assert check_files("--dry-run") == (
        1,
        f"{named}3  photos looked at\n1  public ones lacked files\n0  files belonged to no photo\n2  photos are lost\n",
    )
    assert (public_files(), Photo.objects.lost().count()) == ({}, 0)
    rest = "0  files belonged to no photo and were deleted\n2  photos are lost\n"
    assert check_files() == (1, f"{named}3  photos looked at\n1  public ones lacked files; 1 have them again\n{rest}")
    assert len(public_files()) == 4
    Entry.objects.get(pk=waiting.pk).withdraw()
    draft.delete()
    assert check_files()[0] == 0
    assert check_files("--dry-run")[0] == 0


def test_command_asks_people_at_once_where_it_is_told_to(mailoutbox):
    entry = make_entry(status="waiting")
    master(entry.photos.get()).unlink()
    mailoutbox.clear()

    said = [check_files("--ask")[1].splitlines()[-1] for _ in range(2)]

    assert said == ["1  people were asked to send photos again", "0  people were asked to send photos again"]
    assert [mail.to for mail in mailoutbox] == [[entry.email]]


def test_disk_that_is_missing_is_not_taken_for_lost_photos(monkeypatch, mailoutbox, caplog):
    monkeypatch.setattr(stored_files, "SUSPICIOUS", 1)
    for _ in range(3):
        make_entry()
    mailoutbox.clear()
    for name in ("private", "default"):
        root = Path(storages[name].location)
        root.rename(root.with_name(f"{name}-away"))

    jobs.check_files()
    with pytest.raises(CommandError, match=r"3 of 3 masters are missing\. Is \S+/private there"):
        check_files()

    assert "3 of 3 masters are missing" in caplog.text
    assert Photo.objects.lost().count() == 0
    assert check_files("--ask")[0] == 1
    assert (Photo.objects.lost().count(), len(mailoutbox)) == (3, 3)
