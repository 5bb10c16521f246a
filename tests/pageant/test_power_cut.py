"""What a power cut leaves: each row that was committed has its files, and what was deleted stays away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from core.moderation import Status
from pageant.models import Draft, Entry, Pageant, Photo
from privacy.models import ErasureReceipt
from privacy.registry.finders import Subject
from privacy.rights import erasure
from tests.core.factories import a_photo, make_staff
from tests.core.power_cut import Disk
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db(transaction=True)

ANH = "anh@example.com"


class Site:
    """A site whose power may be cut at any commit: `broken` is what the disk would then lack."""

    def __init__(self, root: Path) -> None:
        self.disk = Disk(root)
        self.promised: set[Path] = set()
        self.broken: set[Path] = set()

    def look(self) -> None:
        files = list(promised_files())
        self.promised |= set(files)
        self.broken |= {path for path in files if self.disk.read(path) != path.read_bytes()}


def promised_files() -> Iterator[Path]:
    """Those that rows of this moment need."""
    public = set(Photo.objects.public().values_list("pk", flat=True))
    for photo in Photo.objects.all():
        yield Path(storages["private"].path(photo.master_name))
        if photo.pk in public:
            yield from (Path(default_storage.path(name)) for name in photo.rendition_names())


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    site = Site(tmp_path)
    with site.disk.watched(site.look):
        yield site


def enter(client: Client, pageant: Pageant, **changes: str) -> int:
    fields = {"draft": Draft.new_key(), "display_name": "Ánh", "email": ANH, "is_adult": "on", "owns_photos": "on"}
    photos = [SimpleUploadedFile(f"{seed}.jpg", a_photo(seed), "image/jpeg") for seed in (1, 2)]
    return client.post(f"/pageants/{pageant.slug}/enter/", {**fields, **changes, "photos": photos}).status_code


def test_photo_is_on_the_disk_before_its_row_is(client, site):
    pageant = make_pageant()

    assert [enter(client, pageant, email=""), enter(client, pageant)] == [200, 302]  # first as a draft
    entry = Entry.objects.get()
    entry.confirm()
    entry.approve(by=make_staff())

    assert (Entry.objects.public().count(), len(site.promised)) == (1, 2 + 2 + 2 * 4)
    assert site.broken == set()


@pytest.mark.slow
def test_django_stores_files_that_a_power_cut_takes(client, site, settings):
    """That the test before can fail."""
    plain = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    private = {**plain, "OPTIONS": {"location": settings.PRIVATE_MEDIA_ROOT}}
    settings.STORAGES = {**settings.STORAGES, "default": plain, "private": private}

    enter(client, make_pageant())

    assert len(site.broken) == len(site.promised) == 2


def test_file_that_was_deleted_does_not_come_back(site):
    entry = make_entry(photos=2)
    files = list(promised_files())

    entry.withdraw()

    assert (len(files), [path for path in files if site.disk.read(path) is not None]) == (10, [])


def test_erasure_is_in_the_log_before_the_receipt_says_so(settings, site):
    settings.ERASURE_LOG = settings.ERASURE_LOG.parent / "new" / "folder" / "erasures.jsonl"
    make_entry(email=ANH, status=Status.WAITING)

    erasure.erase(Subject.of(ANH))

    receipt = ErasureReceipt.objects.get()
    assert receipt.logged_at <= timezone.now()
    assert site.disk.read(settings.ERASURE_LOG) == settings.ERASURE_LOG.read_bytes() != b""
