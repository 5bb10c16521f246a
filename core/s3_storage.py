"""Files in a private bucket of S3, or of anything that speaks as S3 does.

Nothing in it has an address of its own: pictures are asked for through the site, so what was withdrawn is gone with the
next request. A `save` that returns was acknowledged, which is what S3 promises to keep. All that can go wrong is an
OSError, and nobody waits for long: an attempt takes some two seconds, and there are two.
"""

import errno
import io
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, BinaryIO
from urllib.parse import urljoin

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.handlers import add_expect_header
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from core.file_storage import FileStorage, StorageAway, StoredFile

CONNECTING, WAITING, READING = 1, 2, 5  # seconds: for a connection, for each reply, for all of a file
IN_MEMORY = 4 * 1024**2  # bytes of a file; a public one takes at most as much, a master mostly does
PART = 256 * 1024  # bytes read at once
PAGE = 1000  # files told of at once: all that S3 tells

MISSING = {"NoSuchKey"}  # not NoSuchBucket, nor the 404 of somebody who isn't S3: neither says that a file is gone
FULL = {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientCapacity"}
INSUFFICIENT_STORAGE = 507

LOCKS: dict[int, threading.Lock] = {}  # by process: a session can't be shared by threads
CONFIG = Config(
    connect_timeout=CONNECTING,
    read_timeout=WAITING,
    retries={"mode": "standard", "total_max_attempts": 2},
    signature_version="s3v4",
    s3={"payload_signing_enabled": True},  # so that what was garbled on its way isn't taken
    # Newer checksums are the same once more, and not all that speak as S3 does know them.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class PrivateBucketStorage(FileStorage, S3Storage):
    """The options are those of S3Storage, and `base_url`, below which the site serves the files; None if it doesn't."""

    file_overwrite = True
    client_config = CONFIG

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._clients: dict[int, BaseClient] = {}  # by process: threads can share connections, forked processes can't

    def get_default_settings(self) -> dict[str, Any]:
        return {**super().get_default_settings(), "base_url": None}

    @property
    def client(self) -> BaseClient:
        process = os.getpid()
        if process not in self._clients:
            with LOCKS.setdefault(process, threading.Lock()):
                self._clients = {process: self._clients.get(process) or self._make_client()}
        return self._clients[process]

    def _make_client(self) -> BaseClient:
        client = session().client(
            "s3", endpoint_url=self.endpoint_url, region_name=self.region_name, config=self.client_config
        )
        # Else it waits for a word before it sends what is small.
        client.meta.events.unregister("before-call.s3", add_expect_header)
        return client

    def object(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(clean_name(name))}

    def _open(self, name: str, mode: str = "rb") -> File:
        """All of it is here before anybody gets the first byte: none breaks off half-way."""
        if mode != "rb":
            raise ValueError(f"Files are opened for reading, not {mode}: save writes them.")
        with os_errors(name):
            answer = self.client.get_object(**self.object(name))
            return File(copy_of(answer["Body"], answer["ContentLength"]), name)

    def _save(self, name: str, content: File) -> str:
        content.seek(0)
        kind = self._get_write_parameters(name)["ContentType"]
        with os_errors(name):
            self.client.put_object(**self.object(name), Body=content.file, ContentType=kind)
        return name

    def delete(self, name: str) -> None:
        with os_errors(name):
            self.client.delete_object(**self.object(name))

    def exists(self, name: str) -> bool:
        return self._find(name) is not None

    def size(self, name: str) -> int:
        return self._found(name).size

    def get_modified_time(self, name: str) -> datetime:
        return self._found(name).modified_at

    def _found(self, name: str) -> StoredFile:
        if file := self._find(name):
            return file
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)

    def _find(self, name: str) -> StoredFile | None:
        """By a list, since the answer to a HEAD can't tell a file that is missing from a bucket that is."""
        first = next(self._list(1, Prefix=self.object(name)["Key"]), None)
        return first if first and first.name == name else None

    def files(self, folder: str, *, after: str, until: str) -> Iterator[StoredFile]:
        """In the order of their names."""
        for file in self._list(PAGE, Prefix=self.object(folder)["Key"] + "/", StartAfter=self.object(after)["Key"]):
            if file.name > until:
                break
            yield file

    def _list(self, page: int, **which: str) -> Iterator[StoredFile]:
        start = len(self.location) + 1 if self.location else 0
        with os_errors(self.place):
            lists = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket_name, PaginationConfig={"PageSize": page}, **which
            )
            for answer in lists:
                for found in answer.get("Contents", ()):
                    yield StoredFile(found["Key"][start:], found["Size"], found["LastModified"])

    def problem(self) -> str:
        with os_errors(self.place):
            self.client.head_bucket(Bucket=self.bucket_name)
        return ""

    @property
    def place(self) -> str:
        return "/".join(filter(None, (f"s3://{self.bucket_name}", self.location)))

    def url(self, name: str | None) -> str:
        if self.base_url is None or name is None:
            raise ValueError("This file is not accessible via a URL.")
        return urljoin(self.base_url, filepath_to_uri(name).lstrip("/"))


@cache
def session() -> boto3.Session:
    """What takes a quarter of a second is done once: to read how S3 is spoken with."""
    return boto3.Session()


def copy_of(body: Any, size: int) -> BinaryIO:
    """A file with all that comes. Raises TimeoutError."""
    until = time.monotonic() + READING
    file: Any = io.BytesIO() if size <= IN_MEMORY else tempfile.TemporaryFile()  # noqa: SIM115  its reader closes it
    for part in body.iter_chunks(PART):
        file.write(part)
        if time.monotonic() > until:
            body.close()
            raise StorageAway(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    file.seek(0)
    return file


@contextmanager
def os_errors(name: str) -> Iterator[None]:
    """Raises what the disk would: FileNotFoundError, OSError with ENOSPC, or else StorageAway."""
    try:
        yield
    except ClientError as error:
        number, kind = meaning(error)
        raise kind(number, f"{os.strerror(number)} ({error.response['Error'].get('Code')})", name) from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise StorageAway(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT), name) from error
    except BotoCoreError as error:
        raise StorageAway(errno.EIO, f"{os.strerror(errno.EIO)} ({type(error).__name__})", name) from error


def meaning(error: ClientError) -> tuple[int, type[OSError]]:
    code = error.response["Error"].get("Code")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in MISSING:
        return errno.ENOENT, OSError  # which Python makes a FileNotFoundError
    if code in FULL or status == INSUFFICIENT_STORAGE:
        return errno.ENOSPC, OSError
    return errno.EACCES if status in {401, 403} else errno.EIO, StorageAway
