"""Pictures and files, made by code, for the tests of photos."""

import io
import random
import struct
import zlib
from collections.abc import Sequence

import pillow_heif
from PIL import Image

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def plain(colour: tuple[int, ...] | int, *, mode: str = "RGB", size: tuple[int, int] = (240, 200)) -> Image.Image:
    return Image.new(mode, size, colour)


def photo(seed: int = 1, *, size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Soft blots of colour with some grain: as much structure as a photo has; each seed has its own."""
    source = random.Random(seed)
    blots = Image.frombytes("RGB", (7, 5), source.randbytes(7 * 5 * 3)).resize(size, Image.Resampling.BICUBIC)
    third = (size[0] // 3, size[1] // 3)
    grain = Image.frombytes("L", third, source.randbytes(third[0] * third[1])).resize(size).convert("RGB")
    return Image.blend(blots, grain, 0.1)


def photo_with_sky(seed: int) -> Image.Image:
    """Always the same photo, its upper half smooth but for grain of which each seed has its own."""
    picture = photo()
    grain = random.Random(seed).choices(range(200, 216), k=300 * 100)
    picture.paste(Image.frombytes("L", (300, 100), bytes(grain)).resize((600, 200)), (0, 0))
    return picture


def corners(size: tuple[int, int] = (300, 220)) -> Image.Image:
    """A quarter each of red, green, blue and white, in reading order."""
    width, height = size
    picture = Image.new("RGB", size)
    for index, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        left, top = index % 2 * width // 2, index // 2 * height // 2
        picture.paste(colour, (left, top, left + width // 2, top + height // 2))
    return picture


pillow_heif.register_heif_opener()


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def orientation_exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, row: bytes, *, depth: int = 8, colours: int = 0, extra: bytes = b"") -> bytes:
    """A PNG of equal rows. `colours` is its colour type: 0 grey, 2 RGB, 3 palette, 4 LA, 6 RGBA."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    squeeze = zlib.compressobj(9)
    lines = b"".join(squeeze.compress(b"\0" + row) for _ in range(height)) + squeeze.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def black_png(width: int, height: int) -> bytes:
    """One bit a pixel: the smallest file for its size."""
    return png(width, height, bytes((width + 7) // 8), depth=1)


def progressive_bomb(side: int, *, scans: int) -> bytes:
    """A progressive JPEG that repeats its last scan; each time costs a walk over all of its blocks."""
    honest = saved(Image.new("L", (side, side), 90), "JPEG", progressive=True)
    last_scan = honest.rindex(b"\xff\xda")
    last_tables = honest.rindex(b"\xff\xc4", 0, last_scan)
    return honest[:-2] + honest[last_tables:-2] * scans + honest[-2:]


def profile(space: bytes, tags: dict[bytes, bytes], *, connection: bytes = b"XYZ ") -> bytes:
    """An ICC profile, version 2, of a display (or, for CMYK, a printer)."""
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    tags = {b"desc": text(b"test"), b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(0.9642, 1, 0.8249)} | tags
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI", start + len(body), b"none", 0x02400000) + kind + space + connection
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + xyz(0.9642, 1, 0.8249)[8:]
    return header.ljust(128, b"\0") + table + body


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def text(words: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + bytes(1 + 4 + 4 + 2 + 1 + 67)


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


def rgb_profile(red: Sequence[float], green: Sequence[float], blue: Sequence[float], *, power: float) -> bytes:
    """Of the primaries in XYZ, as adapted to D50."""
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma(power))
    return profile(b"RGB ", {b"rXYZ": xyz(*red), b"gXYZ": xyz(*green), b"bXYZ": xyz(*blue)} | curves)


P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))


def display_p3() -> bytes:
    """Close to it: its curve is taken as a plain power."""
    return rgb_profile(*P3, power=2.2)


def linear_rgb() -> bytes:
    return rgb_profile(*P3, power=1)


def adobe_rgb() -> bytes:
    return rgb_profile((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446), power=2.2)


def linear_grey() -> bytes:
    return profile(b"GRAY", {b"kTRC": gamma(1)})


def green_ink() -> bytes:
    """A CMYK profile by which full cyan without other inks prints green, and all else white."""
    white, green = bytes((255, 128, 128)), bytes((224, 50, 207))  # L, a and b; the second is sRGB's green
    straight = bytes(range(256))
    colours = b"".join(green if inks == 0b1000 else white for inks in range(16))
    matrix = struct.pack(">9i", *(65536 * value for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    lookup = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + straight * 4 + colours + straight * 3
    return profile(b"CMYK", {b"A2B0": lookup}, connection=b"Lab ")
