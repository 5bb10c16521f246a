"""From approval to public files and back, through races, killed processes and full disks; and what is swept."""

import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core.durable_files import DurableFileSystemStorage
from core.moderation import Outdated
from core.pictures.fingerprints import distance
from pageant import jobs
from pageant.models import Draft, Entry, Hobby, Pageant, Photo
from privacy.rights.purge import purge
from tests.core.factories import a_master, make_staff
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db(transaction=True)


def public_files() -> list[str]:
    return sorted(file.name for file in Path(default_storage.location).rglob("*.*"))


def masters() -> list[str]:
    return sorted(file.stem for file in Path(storages["private"].location).rglob("*.*"))


def make_old(*roots: str) -> None:
    for root in roots:
        for file in Path(root).rglob("*.*"):
            stamp = (timezone.now() - timedelta(hours=1)).timestamp()
            os.utime(file, (stamp, stamp))


def test_approval_makes_the_public_files_at_once_when_work_is_inline():
    entry = make_entry(status="waiting")
    entry.approve(by=make_staff())

    photo = entry.photos.get()
    assert Entry.objects.get().is_public
    assert public_files() == sorted(Path(name).name for name in photo.rendition_names())


def test_approval_leaves_them_to_the_worker_otherwise(settings, client):
    settings.WORK = "worker"
    entry = make_entry(status="waiting")
    entry.approve(by=make_staff())

    assert (Entry.objects.get().status, Entry.objects.get().is_public, public_files()) == ("approved", False, [])
    assert client.get(entry.get_absolute_url()).status_code == 404

    call_command("work", "--once")
    assert Entry.objects.get().is_public
    assert client.get(entry.get_absolute_url()).status_code == 200
    assert Pageant.objects.get().entry_count == 1


def test_publishing_again_changes_nothing():
    entry = make_entry()
    before = Entry.objects.values().get()

    assert [Entry.objects.get().publish(), jobs.publish_approved()] == [False, None]
    assert Entry.objects.values().get() == before
    assert Pageant.objects.get().entry_count == 1
    assert len(public_files()) == len(entry.photos.get().rendition_names())


@pytest.mark.slow
def test_killed_while_publishing_is_done_again_by_the_job(settings):
    settings.WORK = "worker"
    entry = make_entry(status="waiting")
    entry.approve(by=make_staff())
    half = entry.photos.get().rendition_names()[0]
    path = Path(default_storage.path(half))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a fil")

    jobs.publish_approved()

    assert Entry.objects.get().is_public
    assert path.stat().st_size > 1000


@pytest.mark.slow
def test_full_disk_while_publishing_keeps_the_approval(monkeypatch):
    entry = make_entry(status="waiting")

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DurableFileSystemStorage, "_save", full)
        entry.approve(by=make_staff())
    assert (Entry.objects.get().status, Entry.objects.get().is_public) == ("approved", False)

    jobs.publish_approved()
    assert Entry.objects.get().is_public


def test_withdrawal_while_publishing_leaves_nothing_public():
    """The pictures are made, then the person is faster than the last step."""
    entry = make_entry(status="waiting", photos=1)
    Entry.objects.get().approve(by=make_staff())
    late = Entry.objects.get()
    late.published_at = None
    Entry.objects.get().withdraw()

    # What a slow worker had read before, and now finishes with.
    Photo.objects.add(a_master(), entry=entry)
    assert late.publish() is False
    assert (Entry.objects.get().status, public_files()) == ("withdrawn", [])


def approve(pk: int, staff: User) -> None:
    with suppress(Outdated):
        Entry.objects.get(pk=pk).approve(by=staff)


def withdraw(pk: int) -> None:
    while (row := Entry.objects.get(pk=pk)).status != "withdrawn":
        with suppress(Outdated):
            row.withdraw()


def at_once(*actions: Callable[[], None]) -> None:
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], None]) -> None:
        barrier.wait()
        try:
            action()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_withdrawal_racing_with_approval_never_ends_public():
    staff, pageant = make_staff(), make_pageant()
    for _round in range(10):
        pk = make_entry(pageant, status="waiting").pk
        at_once(partial(approve, pk, staff), partial(withdraw, pk))

    assert set(Entry.objects.values_list("status", "published_at")) == {("withdrawn", None)}
    assert public_files() == []
    assert Pageant.objects.get().entry_count == 0


def test_address_of_a_picture_asks_the_database(client):
    """Even a file that is still there isn't served once its entry isn't public."""
    photo = make_entry().photos.get()
    address = default_storage.url(photo.rendition_names()[0])
    Entry.objects.update(published_at=None)

    response = client.get(address)

    assert response.status_code == 404
    assert public_files() != []


def test_entry_that_can_not_be_published_holds_up_no_other(settings):
    settings.WORK = "worker"
    broken, fine = make_entry(status="waiting"), make_entry(status="waiting")
    for entry in (broken, fine):
        entry.approve(by=make_staff())
    Path(storages["private"].path(broken.photos.get().master_name)).unlink()

    jobs.publish_approved()

    assert [entry.pk for entry in Entry.objects.public()] == [fine.pk]


def test_picture_that_a_browser_has_is_not_sent_again_but_asked_for(client):
    entry = make_entry()
    address = default_storage.url(entry.photos.get().rendition_names()[0])
    first = client.get(address)
    first.close()

    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    entry.withdraw()
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 404


def test_words_of_a_withdrawn_entry_leave_the_filters():
    pageant = make_pageant()
    first, second = make_entry(pageant, lives_in="HUẾ!!!"), make_entry(pageant, lives_in="Huế")
    assert pageant.tallies.get().label == "HUẾ!!!"

    first.withdraw()
    assert (pageant.tallies.get().label, pageant.tallies.get().entries) == ("Huế", 1)
    second.withdraw()
    assert pageant.tallies.count() == 0


# Sweeping


def test_unconfirmed_entry_is_gone_after_72_hours():
    entry = make_entry(status="unconfirmed")
    confirmed = make_entry(entry.pageant, status="waiting")

    with time_machine.travel(entry.created_at + timedelta(hours=71, minutes=59), tick=False):
        purge()
    assert Entry.objects.count() == 2
    with time_machine.travel(entry.created_at + timedelta(hours=72, minutes=1), tick=False):
        purge()
    assert Entry.objects.get() == confirmed
    assert masters() == [confirmed.photos.get().key]


def test_abandoned_draft_is_gone_within_a_day():
    draft = Draft.objects.create(pageant=make_pageant(), key=Draft.new_key())
    Photo.objects.add(a_master(), draft=draft)

    with time_machine.travel(draft.created_at + timedelta(hours=22), tick=False):
        purge()
    assert Draft.objects.count() == 1
    with time_machine.travel(draft.created_at + timedelta(hours=23, minutes=1), tick=False):
        purge()
    assert (Draft.objects.count(), Photo.objects.count(), masters()) == (0, 0, [])


def test_files_without_a_reason_to_be_are_swept_once_they_are_old():
    public, hidden = make_entry(), make_entry(status="waiting")
    hidden.photos.get().write_renditions()  # as by a process that was killed before its last step
    orphan = f"masters/ab/ab{'0' * 30}.jpg"
    path = Path(storages["private"].path(orphan))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")

    jobs.check_files()
    assert path.exists()
    make_old(storages["private"].location, default_storage.location)
    jobs.check_files()

    assert masters() == sorted(photo.key for photo in Photo.objects.all())
    assert {name[:32] for name in public_files()} == {public.photos.get().key}


def test_hobby_that_nobody_has_is_swept():
    make_entry(hobbies=("hát",))
    Hobby.objects.create(name="không ai")

    jobs.sweep_hobbies()

    assert [hobby.name for hobby in Hobby.objects.all()] == ["hát"]


# Look-alikes


def test_photo_resembles_the_oldest_of_another_entry():
    pageant = make_pageant()
    first, second, third = (make_entry(pageant, status="waiting") for _ in range(3))
    different = make_entry(pageant, status="waiting", photos=0)
    other = Photo.objects.add(a_master(7), entry=different)

    assert Photo.objects.resembling(first.photos.get()).entry == second
    assert Photo.objects.resembling(third.photos.get()).entry == first
    assert Photo.objects.resembling(other) is None


@pytest.mark.parametrize("fingerprint", [-1, 0, 1, -(2**63), 2**63 - 1, 0x1234_5678_9ABC_DEF0])
@pytest.mark.parametrize("flipped", [0, 15, 16, 47, 48, 63])
def test_fingerprints_with_a_bit_between_them_are_found(fingerprint, flipped):
    entry, other = make_entry(photos=0), make_entry(photos=0)
    near = (fingerprint ^ (1 << flipped)) & (2**64 - 1)
    near = near - 2**64 if near >= 2**63 else near
    fields = {"width": 400, "height": 300, "colour": "#000000"}
    mine = Photo.objects.create(key="1" * 32, entry=entry, fingerprint=fingerprint, **fields)
    theirs = Photo.objects.create(key="2" * 32, entry=other, fingerprint=near, **fields)

    assert distance(fingerprint, near) == 1
    assert Photo.objects.resembling(mine) == theirs


def test_picture_without_structure_resembles_nothing():
    entry = make_entry(photos=0)
    flat = Photo.objects.create(key="1" * 32, entry=entry, fingerprint=None, width=400, height=300, colour="#000000")

    assert Photo.objects.resembling(flat) is None
