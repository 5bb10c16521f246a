"""Buckets for tests, in a server that speaks as S3 does, and servers that don't do well."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch

from botocore.config import Config
from django.conf import settings
from django.test import override_settings

from core.file_storage import FileStorage
from core.s3_storage import CONFIG, PrivateBucketStorage, session
from tests.core.factories import numbers

KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
QUICK = CONFIG.merge(Config(connect_timeout=0.1, read_timeout=0.1, retries={"total_max_attempts": 1}))
BACKEND = "core.s3_storage.PrivateBucketStorage"


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a running one."""
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # noqa: PLC0415  it takes a while

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def make_bucket(endpoint: str) -> str:
    name = f"bucket-{next(numbers)}"
    session().client("s3", endpoint_url=endpoint).create_bucket(Bucket=name)
    return name


def storages_in(endpoint: str, bucket: str) -> dict[str, dict[str, Any]]:
    """Both storages of the site, in folders of a bucket, for settings.STORAGES."""
    place = {"endpoint_url": endpoint, "bucket_name": bucket}
    return {
        "default": {"BACKEND": BACKEND, "OPTIONS": {**place, "location": "public", "base_url": "/media/"}},
        "private": {"BACKEND": BACKEND, "OPTIONS": {**place, "location": "private"}},
    }


def names_in(storage: FileStorage) -> list[str]:
    """All that it holds of photos."""
    folders = ("masters", "photos")
    return [file.name for folder in folders for file in storage.files(folder, after=folder, until=f"{folder}/~")]


Answer = tuple[int, str]  # a status and the code of an error
ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>no</Message></Error>"


@contextmanager
def unwell(answer: Callable[[BaseHTTPRequestHandler], Answer]) -> Iterator[str]:
    """The address of a server that gives that answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            status, code = answer(self)
            body = ERROR.format(code).encode() if self.command != "HEAD" else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_DELETE = reply  # noqa: N815  as it is told

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield "http://{}:{}".format(*server.server_address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def slow(handler: BaseHTTPRequestHandler) -> Answer:
    time.sleep(0.3)
    return 200, "never"


@contextmanager
def bucket_that(answers: Callable[[BaseHTTPRequestHandler], Answer]) -> Iterator[None]:
    """Has the site's bucket answer like that."""
    with unwell(answers) as endpoint:
        storages = {**settings.STORAGES, **storages_in(endpoint, "photos")}
        with override_settings(STORAGES=storages), patch.object(PrivateBucketStorage, "client_config", QUICK):
            yield
