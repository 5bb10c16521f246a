"""How uploaded files are held until a form has looked at them."""

import os
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.test.client import encode_multipart

MEGABYTE = 1024 * 1024
BOUNDARY = "frontier"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


class Watched(BytesIO):
    """A body that looks, each time some of it is read, which files the folder has."""

    def __init__(self, body: bytes, folder: Path) -> None:
        super().__init__(body)
        self.folder = folder
        self.seen: set[str] = set()

    def read(self, *args):
        self.seen.update(os.listdir(self.folder))  # noqa: PTH208  names only
        return super().read(*args)


def receive(*contents, folder):
    """The request that brings these files, and its body."""
    files = [SimpleUploadedFile(f"{n}.jpg", content, "image/jpeg") for n, content in enumerate(contents)]
    body = encode_multipart(BOUNDARY, {"photos": files})
    watched = Watched(body, folder)
    request = RequestFactory().generic("POST", "/", body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    request._stream = watched
    return request, watched


def held(file):
    """How many bytes of it are held."""
    file.seek(0, os.SEEK_END)
    return file.tell()


def test_upload_is_what_was_sent(folder):
    contents = [b"a" * 10, os.urandom(3 * MEGABYTE)]
    request, _body = receive(*contents, folder=folder)

    files = request.FILES.getlist("photos")

    assert [(file.name, file.size, file.content_type) for file in files] == [
        ("0.jpg", 10, "image/jpeg"),
        ("1.jpg", 3 * MEGABYTE, "image/jpeg"),
    ]
    assert [file.read() for file in files] == contents
    request.close()


def test_upload_leaves_no_named_file_even_while_it_arrives(folder):
    request, body = receive(os.urandom(4 * MEGABYTE), os.urandom(4 * MEGABYTE), folder=folder)

    held_while_open = [held(file) for file in request.FILES.getlist("photos")]

    assert held_while_open == [4 * MEGABYTE] * 2
    assert (body.seen, list(folder.iterdir())) == (set(), [])
    request.close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "most"),
    [
        (15 * MEGABYTE - 1, 15 * MEGABYTE - 1),
        (15 * MEGABYTE, 15 * MEGABYTE),
        (15 * MEGABYTE + 1, 15 * MEGABYTE + 1),
        (40 * MEGABYTE, 15 * MEGABYTE + 64 * 1024),  # and the piece that shows that it is too large
    ],
)
def test_upload_holds_nothing_beyond_15_megabytes(folder, size, most):
    request, _body = receive(b"x" * size, folder=folder)

    (file,) = request.FILES.getlist("photos")

    assert file.size == size
    assert held(file) <= most
    assert (held(file) > 15 * MEGABYTE) is (size > 15 * MEGABYTE)
    request.close()


def test_upload_is_closed_with_the_request(folder):
    request, _body = receive(b"a", folder=folder)
    (file,) = request.FILES.getlist("photos")

    request.close()

    assert file.closed is True


def test_upload_without_name_is_no_file(folder):
    head = 'Content-Disposition: form-data; name="photos"; filename=""'
    body = f"--{BOUNDARY}\r\n{head}\r\n\r\n\r\n--{BOUNDARY}--\r\n".encode()
    request = RequestFactory().generic("POST", "/", body, content_type=f"multipart/form-data; boundary={BOUNDARY}")

    assert dict(request.FILES.lists()) == {}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\x.jpg", "C:\\x.jpg", "a\0b.jpg", "x" * 600 + ".jpg"]
)
def test_upload_with_a_hostile_name_writes_nothing(folder, name):
    body = encode_multipart(BOUNDARY, {"photos": SimpleUploadedFile("NAME", b"a")}).replace(b"NAME", name.encode())
    request = RequestFactory().generic("POST", "/", body, content_type=f"multipart/form-data; boundary={BOUNDARY}")

    names = [file.name for file in request.FILES.getlist("photos")]

    assert [part for name in names for part in ("/", "\\", "..") if part in name] == []
    assert list(folder.iterdir()) == []
    request.close()
