"""A standalone program that turns strangers' pictures into plain JPEGs.

It forks a child for each, which gives up memory, time and the right to write files before it reads the first byte, so
that a hostile file can hurt nothing but that child. For the same reason it imports Pillow with its codecs and the
modules next to it, and nothing else of the site. Its constants and `Refusal` are all that the site imports from it.

Standard input is a socket to the site (`core/pictures/decoding.py`), which sends two files at a time: the picture, and
one for the answer. That is one line of JSON, which is either

    {"width": 2560, "height": 1920, "colour": "#8fb4d0", "fingerprint": -734101}

with the JPEG right behind it, or `{"refused": "too_many_pixels"}` with one of the codes of `Refusal`. Once the child
has ended, its exit code goes to the socket. When the site closes that, or dies, the program ends with its child.
"""

import gc
import io
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NoReturn, cast

from PIL import Image, ImageChops, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from core.pictures import png_chunks

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000  # decoded at most
MIN_SIDE, MAX_SIDE = 200, 32_000
MASTER_SIDE = 2560

# A JPEG is decoded at a half, quarter or eighth of its size, row by row, so its header may state more than MAX_PIXELS,
# as phones with 200 megapixels do. A progressive one holds all its coefficients in memory, some 6 bytes a pixel.
MAX_JPEG_PIXELS = 250_000_000
MAX_PROGRESSIVE_PIXELS = 100_000_000

# The end of a JPEG may be missing if this share of its rows is there: every browser shows such a picture.
ENOUGH_ROWS = 0.9
ENOUGH_SCANS = {"L": 5, "RGB": 8, "CMYK": 15}  # scans of a progressive one, which mostly has 6, 10 or 18

# Room for honest pictures of MAX_PIXELS: the hungriest kinds, WebP and AVIF with transparency, were seen to
# take 5 seconds and 0.9 GiB, and AVIF may come with more bits a channel. Most photos take a quarter of that.
CPU_SECONDS = 10
ADDRESS_SPACE = 1280 * 1024 * 1024
NICENESS = 5

# An Exif orientation says how to turn the picture so that it stands upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112

# A profile's name for its colours -> Pillow's mode for such pixels.
PROFILE_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}


class Refusal(StrEnum):
    """Why a file is refused. The first two are found before the decoder runs."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    NOT_A_PICTURE = "not_a_picture"
    PDF = "pdf"
    FILM = "film"
    JPEG_XL = "jpeg_xl"
    RAW = "raw"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LARGE_SIDE = "too_large_side"
    TOO_SMALL_SIDE = "too_small_side"
    CUT_OFF = "cut_off"
    BROKEN = "broken"


class PictureError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def main() -> None:
    be_nice()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    site, ends = socket.socket(fileno=sys.stdin.fileno()), ends_of_children()
    while files := next_picture(site):
        child = start_child(*files)
        site.sendall(str(exit_code(child, site, ends)).encode())


def ends_of_children() -> socket.socket:
    """Has something to read whenever a child has ended."""
    ends, noted = socket.socketpair()
    noted.setblocking(False)
    signal.set_wakeup_fd(noted.detach())
    signal.signal(signal.SIGCHLD, lambda *_: None)  # else nothing is noted
    return ends


def next_picture(site: socket.socket) -> list[int]:
    """The files of the picture and for its answer; empty if there are no more."""
    return socket.recv_fds(site, 1, 2)[1]


def start_child(picture: int, answer: int) -> int:
    prepare_for(os.pread(picture, HEAD, 0))
    gc.freeze()  # the child shares what is here already
    try:
        child = os.fork()
    except OSError:
        sys.exit(os.EX_TEMPFAIL)
    if child == 0:
        answer_in_child(picture, answer)
    os.close(picture)
    os.close(answer)
    return child


def prepare_for(head: bytes) -> None:
    """Imports what a file that begins so needs, for its child and for those of others like it."""
    formats_of(head)
    if PROFILE in head or not head.startswith(JPEG_START):
        from PIL import ImageCms  # noqa: F401, PLC0415

        from core.pictures import stated_colours  # noqa: F401, PLC0415


def answer_in_child(picture: int, output: int) -> NoReturn:
    status = 1
    try:
        os.dup2(picture, sys.stdin.fileno())  # in place of the socket to the site
        os.dup2(output, sys.stdout.fileno())
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        give_up_rights()
        sys.stdout.buffer.write(answer(sys.stdin.buffer.read(MAX_BYTES)))
        sys.stdout.flush()
        status = 0
    finally:
        os._exit(status)


def exit_code(child: int, site: socket.socket, ends: socket.socket) -> int:
    """Waits for the child. Kills it if the site has no use for it any more."""
    ended = status = 0
    while not ended:
        readable, *_ = select.select([site, ends], [], [])
        if site in readable:
            os.kill(child, signal.SIGKILL)
        if ends in readable:
            ends.recv(64)
        ended, status = os.waitpid(child, 0 if site in readable else os.WNOHANG)
    return os.waitstatus_to_exitcode(status)


def be_nice() -> None:
    """Leaves the processors to those who read, who get three times as much where both want one."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(own, NICENESS))


def give_up_rights() -> None:
    """Sets limits that cannot be raised again; going over them raises MemoryError or ends the process."""
    be_nice()
    limits = {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for limit, value in limits.items():
        _, highest = resource.getrlimit(limit)
        allowed = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(limit, (allowed, allowed))


def formats_of(data: bytes) -> tuple[str, ...]:
    """The formats that the file may have, with their plugins loaded: for most, its own alone."""
    if data.startswith(JPEG_START):
        return ("JPEG",)
    if data.startswith(png_chunks.SIGNATURE):
        return ("PNG",)
    # Not above, as they take longer to import than all else. Image.open() would import all forty that there are.
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        from PIL import WebPImagePlugin  # noqa: F401, PLC0415

        return ("WEBP",)
    import pillow_heif  # noqa: PLC0415
    from PIL import AvifImagePlugin, TiffImagePlugin  # noqa: F401, PLC0415

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # more could not start, and each would take address space
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)
    return FORMATS


def answer(data: bytes) -> bytes:
    try:
        facts, jpeg = remake(data)
    except PictureError as error:
        facts, jpeg = {"refused": error.refusal}, b""
    except Exception:  # noqa: BLE001 - decoders raise nearly anything on bad files, and it always means this
        facts, jpeg = {"refused": Refusal.BROKEN}, b""
    return json.dumps(facts).encode() + b"\n" + jpeg


def remake(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Facts about the picture and its new JPEG; raises PictureError, or whatever Pillow's decoders raise."""
    picture = open_picture(data)
    if isinstance(picture, JpegImageFile):
        picture = load_jpeg(picture, data)
    else:
        check_size(picture.size)
        picture.load()
    turn, profiles = orientation(picture), profiles_of(picture, data)
    picture = flatten(shrink(unpack(picture)))
    picture = to_srgb(picture, profiles)
    if turn in UPRIGHT:
        picture = picture.transpose(UPRIGHT[turn])
    picture = without_metadata(picture)
    return facts_of(picture), encode(picture)


def open_picture(data: bytes) -> Image.Image:
    """The picture with its header read. Its name and declared type do not count. Raises PictureError."""
    # Pillow refuses more than twice this, a WebP before it allocates the canvas; check_size() refuses the rest.
    Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS if data.startswith(JPEG_START) else MAX_PIXELS
    if kind := other_kind(data):
        raise PictureError(kind)
    try:
        picture = Image.open(io.BytesIO(readable(data)), formats=formats_of(data))
    except UnidentifiedImageError:
        raise PictureError(Refusal.NOT_A_PICTURE) from None
    except Image.DecompressionBombError:
        raise PictureError(Refusal.TOO_MANY_PIXELS) from None
    if picture.format == "TIFF" and not RAW_TAGS.isdisjoint(cast("Any", picture).tag_v2):
        raise PictureError(Refusal.RAW)  # else its thumbnail would be taken
    return picture


def readable(data: bytes) -> bytes:
    return png_chunks.for_pillow(data) if data.startswith(png_chunks.SIGNATURE) else data


# How files begin that people mistake for photos, and raw files, which only the camera maker's programs read.
STARTS = {
    b"%PDF-": Refusal.PDF,
    b"\xff\x0a": Refusal.JPEG_XL,
    b"\0\0\0\x0cJXL \r\n\x87\n": Refusal.JPEG_XL,
    b"\x1a\x45\xdf\xa3": Refusal.FILM,  # Matroska, WebM
    b"FUJIFILMCCD-RAW": Refusal.RAW,
    b"II*\0\x10\0\0\0CR": Refusal.RAW,  # Canon's CR2
    b"IIU\0": Refusal.RAW,  # Panasonic's RW2
    b"IIRO": Refusal.RAW,  # Olympus' ORF
    b"IIRS": Refusal.RAW,
}
FILM_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  ", b"M4V ", b"3gp")
RAW_TAGS = {0xC612, 0x014A}  # of a TIFF: a DNG's version, and pictures inside the picture, as NEF and ARW have them


def other_kind(data: bytes) -> Refusal | None:
    """The refusal of a known kind of file that is not taken; None for any other file."""
    for start, kind in STARTS.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return Refusal.FILM
    if data[4:8] == b"ftyp":
        if data[8:12] == b"crx ":  # Canon's CR3
            return Refusal.RAW
        if data[8:12].startswith(FILM_BRANDS):
            return Refusal.FILM
    return None


JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
START_OF_SCAN = b"\xff\xda"
HEAD, PROFILE = 64 * 1024, b"ICC_PROFILE\0"  # bytes in which most JPEGs with a profile begin to tell it
NOISE_WIDTH = 16  # pixels; so many never match the noise by chance


def load_jpeg(picture: JpegImageFile, data: bytes) -> Image.Image:
    """Decodes at a half, quarter or eighth of the size, if that is enough. Raises PictureError."""
    most = MAX_PROGRESSIVE_PIXELS if picture.info.get("progressive") else MAX_JPEG_PIXELS
    check_size(picture.size, most=most)
    if not picture.tile:  # cut within its header
        raise PictureError(Refusal.CUT_OFF)
    picture.draft(None, fitting(picture.size))
    reader = JpegReader(picture, data)
    picture.load_read = reader.read  # type: ignore[method-assign]  # Pillow would append an end to all or to none
    noise = lay_noise(picture)
    try:
        picture.load()
    except OSError:
        if not reader.at_end:
            raise
    if reader.at_end:
        return rows_loaded(picture, noise)
    return picture


class JpegReader:
    """Notes when the decoder reaches the end of the file and wants more.

    A progressive picture then gets an end marker, or none of its rows would come out. A baseline one must not get it,
    or its missing rows would come out grey.
    """

    def __init__(self, picture: JpegImageFile, data: bytes) -> None:
        assert picture.fp is not None
        self.file = picture.fp
        self.progressive = bool(picture.info.get("progressive"))
        self.enough = not self.progressive or data.count(START_OF_SCAN) >= ENOUGH_SCANS[picture.mode]
        self.at_end = False

    def read(self, read_bytes: int) -> bytes:
        if part := self.file.read(read_bytes):
            return part
        if not self.enough:
            raise PictureError(Refusal.CUT_OFF)
        ended, self.at_end = self.at_end, True
        return JPEG_END if self.progressive and not ended else b""


def lay_noise(picture: Image.Image) -> Image.Image:
    """Fills the left edge of the canvas with noise: a row that still shows it later was not decoded."""
    width, height = min(NOISE_WIDTH, picture.width), picture.height
    noise = Image.frombytes(picture.mode, (width, height), os.urandom(width * height * len(picture.getbands())))
    canvas = Image.new(picture.mode, picture.size, None)
    canvas.paste(noise)
    picture.im = canvas.im
    return noise


def rows_loaded(picture: JpegImageFile, noise: Image.Image) -> Image.Image:
    """The rows of a JPEG whose end is missing. Raises PictureError if they are too few."""
    picture.tile = []  # there is nothing more to load
    loaded = ImageChops.difference(picture.crop((0, 0, *noise.size)), noise).getbbox()
    rows = loaded[3] if loaded else 0
    if rows < ENOUGH_ROWS * picture.height:
        raise PictureError(Refusal.CUT_OFF)
    whole = picture.crop((0, 0, picture.width, rows))
    whole.info = picture.info
    return whole


def check_size(size: tuple[int, int], *, most: int = MAX_PIXELS) -> None:
    width, height = size
    if width * height > most:
        raise PictureError(Refusal.TOO_MANY_PIXELS)
    if max(size) > MAX_SIDE:
        raise PictureError(Refusal.TOO_LARGE_SIDE)
    if min(size) < MIN_SIDE:
        raise PictureError(Refusal.TOO_SMALL_SIDE)


def fitting(size: tuple[int, int]) -> tuple[int, int]:
    """The size scaled down, never up, to at most MASTER_SIDE; rounded down, as draft() stays above it."""
    longer = max(size)
    if longer <= MASTER_SIDE:
        return size
    width, height = size
    return width * MASTER_SIDE // longer, height * MASTER_SIDE // longer


def orientation(picture: Image.Image) -> object:
    """The Exif orientation, as browsers read it; None if the metadata is unreadable, since it is dropped anyway.

    Not by Pillow's getexif(), which believes XMP as well. HEIF and TIFF are turned by their decoders.
    """
    try:
        exif = Image.Exif()
        exif.load(picture.info.get("exif") or b"")
        return exif.get(ORIENTATION)
    except Exception:  # noqa: BLE001 - parsers of metadata raise nearly anything too
        return None


def unpack(picture: Image.Image) -> Image.Image:
    """Pixels of 8 bits a channel, without a palette: L, LA, RGB, RGBA or CMYK."""
    if picture.mode == "I;16":
        picture = eight_bits(picture)
    mode = unpacked_mode(picture)
    return picture if picture.mode == mode else picture.convert(mode)  # convert() would copy even then


def eight_bits(picture: Image.Image) -> Image.Image:
    # convert() alone would turn everything above 255 white.
    picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    picture.info.pop("transparency", None)  # a grey level of 16 bits that is transparent: lost, as it is rare
    return picture


def unpacked_mode(picture: Image.Image) -> str:
    if picture.mode == "CMYK":
        return "CMYK"
    colours = "L" if picture.mode in {"1", "L", "LA"} else "RGB"
    return colours + "A" * picture.has_transparency_data


def shrink(picture: Image.Image) -> Image.Image:
    # Not LANCZOS, which takes half as long again for what no rendition shows: they are half as large at most.
    return picture.resize(fitting(picture.size), Image.Resampling.BICUBIC, reducing_gap=2.0)


def flatten(picture: Image.Image) -> Image.Image:
    """The picture on white paper, as a page shows it where it is transparent."""
    if not picture.has_transparency_data:
        return picture
    alpha, colours = picture.getchannel("A"), picture.convert(picture.mode.removesuffix("A"))
    paper = Image.new(colours.mode, colours.size, "white")
    paper.paste(colours, mask=alpha)
    return paper


def profiles_of(picture: Image.Image, data: bytes) -> Iterable[bytes]:
    """What the picture states about its colours; nothing is imported for a JPEG without a profile, as most are."""
    if picture.format == "JPEG" and not picture.info.get("icc_profile"):
        return ()
    from core.pictures.stated_colours import stated_profiles  # noqa: PLC0415

    return stated_profiles(picture, data)


def to_srgb(picture: Image.Image, profiles: Iterable[bytes]) -> Image.Image:
    """Converts by the first profile that fits the pixels. Without one, grey and RGB count as sRGB, as in browsers."""
    for profile in profiles:
        from core.pictures.colour_spaces import SRGB  # noqa: PLC0415  see profiles_of

        if profile == SRGB:
            break
        if converted := through_profile(picture, profile):
            return converted
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # convert() would copy even then


def through_profile(picture: Image.Image, profile: bytes) -> Image.Image | None:
    """None if the profile is broken or made for other pixels."""
    from PIL import ImageCms  # noqa: PLC0415  most JPEGs have no profile

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = PROFILE_MODES.get(source.profile.xcolor_space.strip())
        if (picture.mode, mode) not in {("L", "L"), ("L", "RGB"), ("RGB", "RGB"), ("CMYK", "CMYK")}:
            return None
        srgb = ImageCms.createProfile("sRGB")
        # None comes only when it is done in place.
        return ImageCms.profileToProfile(picture.convert(mode), source, srgb, outputMode="RGB")
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def without_metadata(picture: Image.Image) -> Image.Image:
    """The same pixels in a new image, since save() would keep comments, profiles and the like."""
    paper = Image.new("RGB", picture.size, None)
    paper.paste(picture)
    return paper


def encode(picture: Image.Image) -> bytes:
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=92, subsampling="4:4:4")
    return jpeg.getvalue()


def facts_of(picture: Image.Image) -> dict[str, Any]:
    """What is stored beside a master."""
    small = sketch(picture)
    size = {"width": picture.width, "height": picture.height}
    return {**size, "colour": dominant_colour(small), "fingerprint": fingerprint(small)}


def sketch(picture: Image.Image) -> Image.Image:
    """A large picture at half its size, each pixel the mean of four: enough to describe it in a third of the time."""
    return picture.reduce(2) if min(picture.size) >= MASTER_SIDE // 4 else picture


def dominant_colour(picture: Image.Image) -> str:
    """The commonest of the few colours that describe the picture best, as "#rrggbb"."""
    few = picture.resize((64, 64), Image.Resampling.BOX).quantize(8)
    # It has a palette, and few colours: neither is None, and a pixel is an index.
    index = max(cast("list[tuple[int, int]]", few.getcolors()))[1]
    palette = cast("list[int]", few.getpalette())
    return "#" + bytes(palette[3 * index : 3 * index + 3]).hex()


def fingerprint(picture: Image.Image) -> int | None:
    """64 bits that hardly change when the picture is scaled or saved anew; None if it has no structure.

    A difference hash: the picture becomes a few grey fields, and each bit says whether a field is clearly
    brighter than its neighbour, 32 times the one to the left and 32 times the one above. "Clearly" keeps
    smooth areas, a sky or a wall, from giving bits that noise decides.
    """
    # Floating point, as steps of whole grey levels would flip bits.
    grey = picture.convert("L").convert("F")
    steps = horizontal_steps(grey) + vertical_steps(grey)
    clear = 2
    if sum(abs(step) > clear for step in steps) < 16:
        return None
    bits = sum(1 << place for place, step in enumerate(steps) if step > clear)
    return int.from_bytes(bits.to_bytes(8, "big"), "big", signed=True)


def horizontal_steps(grey: Image.Image) -> list[float]:
    fields = fields_of(grey, 5, 8)
    return [fields[y][x + 1] - fields[y][x] for y in range(8) for x in range(4)]


def vertical_steps(grey: Image.Image) -> list[float]:
    fields = fields_of(grey, 8, 5)
    return [fields[y + 1][x] - fields[y][x] for y in range(4) for x in range(8)]


def fields_of(grey: Image.Image, columns: int, rows: int) -> list[list[float]]:
    small = grey.resize((columns, rows), Image.Resampling.BOX)
    return [[cast("float", small.getpixel((x, y))) for x in range(columns)] for y in range(rows)]


if __name__ == "__main__":
    main()
