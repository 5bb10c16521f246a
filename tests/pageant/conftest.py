"""What the tests of the pageant share."""

from collections.abc import Iterator
from typing import BinaryIO
from unittest.mock import patch

import pytest

from core.pictures.decoding import Decoder

ANSWERS: dict[bytes, bytes] = {}
ask = Decoder.ask


def ask_once(decoder: Decoder, upload: BinaryIO) -> bytes:
    content = upload.read()
    if content not in ANSWERS:
        upload.seek(0)
        ANSWERS[content] = ask(decoder, upload)
    return ANSWERS[content]


@pytest.fixture(autouse=True)
def photos_decoded_once() -> Iterator[None]:
    """Tests send the same few photos again and again, and each decoding takes a process of its own."""
    with patch.object(Decoder, "ask", ask_once):
        yield
