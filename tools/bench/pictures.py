"""Photos: the site's way from an upload to what the public sees, beside pyvips on the same six files."""

import io
import logging
import resource
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pyvips
from PIL import Image

from core.pictures import masters, renditions
from core.pictures.decoder import MASTER_SIDE
from core.pictures.decoding import Decoder
from tools.bench import tables

SIZE = (4000, 3000)  # 12 megapixels
FORM = 3  # photos
logging.getLogger("pyvips").setLevel(logging.WARNING)  # it tells of each step


def draw(seed: int, size: tuple[int, int]) -> Image.Image:
    """Soft shapes with some grain, about as hard to compress as a photo."""
    dice = Random(seed)  # noqa: S311  the same dice each time
    bands = []
    for _ in range(3):
        shapes = Image.frombytes("L", (16, 12), dice.randbytes(16 * 12)).resize(size, Image.Resampling.BICUBIC)
        grain = Image.frombytes("L", (500, 375), dice.randbytes(500 * 375)).resize(size, Image.Resampling.BICUBIC)
        bands.append(Image.blend(shapes, grain, 0.15))
    return Image.merge("RGB", bands)


def six_files() -> list[bytes]:
    """As phones and people send them: most as JPEG, one on its side, one progressive, one PNG, one WebP."""
    on_its_side = Image.Exif()
    on_its_side[0x0112] = 6
    landscape, portrait = draw(1, SIZE), draw(2, SIZE[::-1])
    return [
        saved(landscape, "JPEG", quality=90),
        saved(portrait, "JPEG", quality=90),
        saved(landscape, "JPEG", quality=95, exif=on_its_side),
        saved(landscape, "JPEG", quality=90, progressive=True),
        saved(portrait, "PNG", compress_level=1),
        saved(landscape, "WEBP", quality=85, method=0),
    ]


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def our_masters(files: Sequence[bytes]) -> Iterator[bytes]:
    for form in (files[:FORM], files[FORM:]):
        with Decoder() as decoder:
            for file in form:
                yield masters.make_master(io.BytesIO(file), by=decoder).jpeg


def vips_masters(files: Sequence[bytes]) -> Iterator[bytes]:
    yield from map(vips_master, files)


def vips_master(file: bytes) -> bytes:
    # Without output_profile, as none of these files has a profile: it would take a second more for each.
    picture = pyvips.Image.thumbnail_buffer(file, MASTER_SIDE, height=MASTER_SIDE, size="down", fail_on="truncated")
    return bytes(picture.jpegsave_buffer(Q=92, subsample_mode="off", keep="none"))


def our_renditions(masters: Sequence[bytes]) -> Iterator[bytes]:
    for master in masters:
        for rendition in renditions.make_renditions(io.BytesIO(master)):
            yield rendition.data


def vips_renditions(masters: Sequence[bytes]) -> Iterator[bytes]:
    for master in masters:
        picture = pyvips.Image.new_from_buffer(master, "")
        for width in reversed(renditions.rendition_widths(picture.width)):
            smaller = pyvips.Image.thumbnail_buffer(master, width, height=10_000_000).copy_memory()
            yield bytes(smaller.heifsave_buffer(compression="av1", Q=60, effort=1, keep="none"))
            yield bytes(smaller.jpegsave_buffer(Q=75, interlace=True, optimize_coding=True, keep="none"))


def timed(work: Callable[[Sequence[bytes]], Iterator[bytes]], files: Sequence[bytes]) -> tuple[float, list[bytes]]:
    """The CPU for all files, that of child processes included, and what was made of them."""
    before = spent()
    made = list(work(files))
    return spent() - before, made


def spent() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(*, rounds: int) -> None:
    files = six_files()
    ours, theirs = [], []
    for _ in range(rounds):
        (our_first, masters), (their_first, _made) = timed(our_masters, files), timed(vips_masters, files)
        our_second, their_second = timed(our_renditions, masters)[0], timed(vips_renditions, masters)[0]
        ours.append((our_first, our_second, our_first + our_second))
        theirs.append((their_first, their_second, their_first + their_second))
    steps = "upload to master", "master to renditions", "both"
    rows = []
    for name, our, their in zip(steps, zip(*ours, strict=True), zip(*theirs, strict=True), strict=True):
        ratios = [one / other for one, other in zip(our, their, strict=True)]
        rows.append([name, f"{min(our):.2f}", f"{min(their):.2f}", tables.spread(ratios, "{:.2f}")])
    tables.show(
        "Photos",
        "Seconds of CPU for six files of 12 megapixels: the least of all rounds, and the ratios within rounds. Ours\n"
        "are sent in two forms, of which each starts a decoder, and have a fingerprint and a main colour taken, too.",
        ["", "ours", "pyvips", "ratio"],
        rows,
    )
