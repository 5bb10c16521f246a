"""Files in a bucket: the same as on a disk, and all that goes wrong is an OSError that says what."""

import errno
import os
import socket
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile

from core import s3_storage
from core.durable_files import DurableFileSystemStorage
from core.file_storage import FileStorage, StorageAway, concerns_all, is_full
from core.readiness import Readiness, ask_storage
from core.s3_storage import CONFIG, PrivateBucketStorage
from tests.core.buckets import QUICK, make_bucket, slow, storages_in, unwell


@pytest.fixture(params=["disk", "bucket", "folder of a bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "disk":
        return DurableFileSystemStorage(location=tmp_path / "files", base_url="/media/")
    endpoint = request.getfixturevalue("s3")
    folder = "a/folder" if request.param.startswith("folder") else ""
    return PrivateBucketStorage(
        endpoint_url=endpoint, bucket_name=make_bucket(endpoint), location=folder, base_url="/media/"
    )


def listed(storage: Any, after: str, until: str) -> dict[str, int]:
    return {file.name: file.size for file in storage.files("photos", after=after, until=until)}


def test_file_is_written_replaced_read_listed_and_deleted(storage):
    name = "photos/ab/ab1.jpg"
    assert storage.save(name, ContentFile(b"first")) == name
    assert storage.save(name, ContentFile(b"second one")) == name

    with storage.open(name) as file:
        assert (file.seekable(), file.read(3), file.read()) == (True, b"sec", b"ond one")
    (found,) = storage.files("photos", after="photos", until="photos/~")
    assert (found.name, found.size, storage.size(name), storage.exists(name)) == (name, 10, 10, True)
    assert found.modified_at == storage.get_modified_time(name)
    assert storage.url(name) == "/media/photos/ab/ab1.jpg"

    for _again in range(2):
        storage.delete(name)
    assert (listed(storage, "photos", "photos/~"), storage.exists(name)) == ({}, False)
    for ask in (storage.open, storage.size, storage.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask(name)
    assert storage.problem() == ""


def test_files_are_listed_from_one_name_to_another(storage, monkeypatch):
    monkeypatch.setattr(s3_storage, "PAGE", 2)
    names = [f"photos/{key[:2]}/{key}.jpg" for key in ("aa1", "aa2", "ab1", "ab10", "ab2", "ba1")]
    for name in [*names, "masters/ab/ab1.jpg", "photos-of-others/ab/ab1.jpg"]:
        storage.save(name, ContentFile(b"x"))

    assert sorted(listed(storage, "photos", "photos/~")) == names
    assert sorted(listed(storage, "photos/aa/aa1~", "photos/ab/ab10~")) == names[1:4]
    assert listed(storage, "photos/ba/ba1~", "photos/~") == {}


# What only a bucket does


@pytest.fixture
def bucket(s3: str) -> PrivateBucketStorage:
    return PrivateBucketStorage(endpoint_url=s3, bucket_name=make_bucket(s3))


def test_file_has_the_type_of_its_name_and_no_way_past_the_site(bucket):
    bucket.save("photos/ab/ab1.avif", ContentFile(b"x"))

    answer = bucket.client.get_object(**bucket.object("photos/ab/ab1.avif"))
    assert answer["ContentType"] == "image/avif"
    with pytest.raises(ValueError, match="not accessible"):
        bucket.url("photos/ab/ab1.avif")
    bucket.location = "public"
    for name in ("../private/masters/ab/ab1.jpg", "photos/../../x"):
        with pytest.raises(SuspiciousOperation):
            bucket.open(name)
    with pytest.raises(ValueError, match="for reading"):
        bucket.open("photos/ab/ab1.avif", "wb")


def test_large_file_is_not_held_in_memory(bucket, monkeypatch):
    monkeypatch.setattr(s3_storage, "IN_MEMORY", 10)
    for data, is_on_disk in ((b"x" * 10, False), (b"x" * 11, True)):
        bucket.save("masters/ab/ab1.jpg", ContentFile(data))
        with bucket.open("masters/ab/ab1.jpg") as file:
            assert (file.read(), isinstance(file.file, BytesIO)) == (data, not is_on_disk)


def test_forked_process_has_a_connection_of_its_own(bucket):
    bucket.save("photos/ab/ab1.avif", ContentFile(b"x"))
    ours = bucket.client

    child = os.fork()
    if child == 0:
        is_fine = bucket.open("photos/ab/ab1.avif").read() == b"x" and bucket.client is not ours
        os._exit(0 if is_fine else 1)

    assert (os.waitpid(child, 0)[1], bucket.client is ours) == (0, True)


# What goes wrong

ASK: dict[str, Callable[[FileStorage], object]] = {
    "save": lambda storage: storage.save("photos/ab/ab1.avif", ContentFile(b"x")),
    "open": lambda storage: storage.open("photos/ab/ab1.avif"),
    "size": lambda storage: storage.size("photos/ab/ab1.avif"),
    "delete": lambda storage: storage.delete("photos/ab/ab1.avif"),
    "files": lambda storage: list(storage.files("photos", after="photos", until="photos/~")),
    "problem": lambda storage: storage.problem(),
}
FULL = {"is_full": True, "is_away": False, "number": errno.ENOSPC}
DENIED = {"is_full": False, "is_away": True, "number": errno.EACCES}
BROKEN = {"is_full": False, "is_away": True, "number": errno.EIO}
ANSWERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "403": (lambda _ask: (403, "AccessDenied"), DENIED),
    "quota of a bucket": (lambda _ask: (403, "QuotaExceeded"), FULL),
    "disk of MinIO is full": (lambda _ask: (507, "XMinioStorageFull"), FULL),
    "no such bucket": (lambda _ask: (404, "NoSuchBucket"), BROKEN),
    "slow down": (lambda _ask: (503, "SlowDown"), BROKEN),
    "nonsense": (lambda _ask: (400, "<"), BROKEN),
    "slow": (slow, {"is_full": False, "is_away": True, "number": errno.ETIMEDOUT}),
}


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("answer", ANSWERS)
def test_server_that_is_unwell_is_told_from_a_file_that_is_missing(s3, monkeypatch, answer, ask):
    monkeypatch.setattr(PrivateBucketStorage, "client_config", QUICK)
    reply, meant = ANSWERS[answer]
    with unwell(reply) as endpoint:
        storage = PrivateBucketStorage(endpoint_url=endpoint, bucket_name="photos")
        with pytest.raises(OSError, match=r"\w") as raised:
            ASK[ask](storage)

    error = raised.value
    if ask == "problem" and "quota" in answer:
        meant = DENIED  # the answer to a HEAD has no words
    found = {"is_full": is_full(error), "is_away": isinstance(error, StorageAway), "number": error.errno}
    assert (found, concerns_all(error)) == (meant, True)


@pytest.mark.parametrize("ask", ASK)
def test_server_that_is_gone_is_away(s3, monkeypatch, ask):
    monkeypatch.setattr(PrivateBucketStorage, "client_config", QUICK)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(StorageAway, match="Input/output error"):
        ASK[ask](PrivateBucketStorage(endpoint_url=f"http://127.0.0.1:{port}", bucket_name="photos"))


@pytest.mark.parametrize("ask", ASK)
def test_bucket_that_is_missing_is_no_missing_file(s3, ask):
    """Else a wrong name in the settings would mark all photos as lost."""
    if ask == "delete":  # which moto doesn't mind
        return
    with pytest.raises(StorageAway):
        ASK[ask](PrivateBucketStorage(endpoint_url=s3, bucket_name="not-there"))


def test_nobody_waits_for_long():
    tries = CONFIG.retries["total_max_attempts"]

    assert CONFIG.connect_timeout + tries * CONFIG.read_timeout <= 5
    assert tries * CONFIG.connect_timeout <= 5


def test_file_that_trickles_is_given_up(bucket, monkeypatch):
    bucket.save("photos/ab/ab1.avif", ContentFile(b"x"))
    monkeypatch.setattr(s3_storage, "READING", -1)

    with pytest.raises(StorageAway, match="timed out"):
        bucket.open("photos/ab/ab1.avif")


def test_bucket_that_is_away_is_not_ready(s3, settings):
    settings.STORAGES = {**settings.STORAGES, **storages_in(s3, "not-there")}

    for alias in ("default", "private"):
        assert Readiness(partial(ask_storage, alias, alias)).problems() == [f"{alias}: failed (StorageAway)"]
