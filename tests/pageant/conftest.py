"""What the tests of the pageant share."""

from collections.abc import Iterator
from typing import BinaryIO
from unittest.mock import patch

import pytest

from core.pictures import masters

ANSWERS: dict[bytes, bytes] = {}
ask_decoder = masters.ask_decoder


def ask_once(upload: BinaryIO, *, until: float) -> bytes:
    content = upload.read()
    if content not in ANSWERS:
        upload.seek(0)
        ANSWERS[content] = ask_decoder(upload, until=until)
    return ANSWERS[content]


@pytest.fixture(autouse=True)
def photos_decoded_once() -> Iterator[None]:
    """Tests send the same few photos again and again, and each decoding takes a process of its own."""
    with patch.object(masters, "ask_decoder", ask_once):
        yield
