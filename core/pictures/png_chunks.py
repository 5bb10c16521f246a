"""The chunks of a PNG, read as browsers read them: a bad one that the picture can do without is left out."""

import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The ancillary chunks that Pillow needs. Others are left out: it refuses a picture for a bad chunk or a long text.
FOR_PILLOW = {b"tRNS", b"eXIf", b"acTL", b"fcTL", b"fdAT"}


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and all bytes of each chunk, except ancillary ones with a wrong checksum."""
    place = len(SIGNATURE)
    while len(kind := data[place + 4 : place + 8]) == 4:
        end = place + 12 + int.from_bytes(data[place : place + 4])
        chunk = data[place:end]
        if not is_ancillary(kind) or is_sound(chunk):
            yield kind, chunk
        place = end


def is_ancillary(kind: bytes) -> bool:
    return bool(kind[0] & 0x20)


def is_sound(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])


def for_pillow(data: bytes) -> bytes:
    kept = (chunk for kind, chunk in chunks(data) if not is_ancillary(kind) or kind in FOR_PILLOW)
    return SIGNATURE + b"".join(kept)


def about_colours(data: bytes) -> dict[bytes, bytes]:
    """The contents of the first chunk of each kind before the pixels."""
    contents: dict[bytes, bytes] = {}
    for kind, chunk in chunks(data):
        if kind == b"IDAT":
            break
        contents.setdefault(kind, chunk[8:-4])
    return contents
