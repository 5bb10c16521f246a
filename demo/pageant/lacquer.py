"""Draws in the style of sơn mài, Vietnamese lacquer painting, with Pillow.

A picture is built as a lacquer panel is: a dark ground, then layers laid through stencils in plain colour, metal leaf
or eggshell, then the polish. Places are fractions of the panel, and lengths follow its shorter side, so that every
format composes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageOps

Colour = tuple[int, int, int]
Point = tuple[float, float]
Size = tuple[int, int]
Fill = Colour | Callable[[Size], Image.Image]

JPEG_QUALITY = 88
FINE = 2  # stencils are cut this many times larger, then reduced: Pillow draws edges without smoothing
TURN = 2 * math.pi
SMOOTH = Image.Resampling.BICUBIC


@dataclass(frozen=True)
class Palette:
    """Colours from the deepest to the palest; metal leaf has three: its shadow, its body and its shine."""

    en: str
    vi: str
    night: Colour
    ground: Colour
    haze: Colour
    accent: Colour
    petal: Colour
    foliage: Colour
    leaf: tuple[Colour, Colour, Colour]


GOLD = ((104, 60, 14), (208, 150, 58), (255, 226, 146))
PALE_GOLD = ((122, 92, 48), (220, 184, 112), (255, 242, 200))
SILVER = ((82, 92, 104), (178, 190, 196), (244, 246, 238))
COPPER = ((92, 38, 20), (204, 116, 70), (255, 206, 160))

PALETTES = (
    Palette(
        en="deep red and gold",
        vi="đỏ son và vàng lá",
        night=(36, 6, 8),
        ground=(128, 18, 16),
        haze=(222, 120, 66),
        accent=(204, 38, 26),
        petal=(250, 216, 190),
        foliage=(72, 40, 20),
        leaf=GOLD,
    ),
    Palette(
        en="black and gold",
        vi="đen then và vàng lá",
        night=(12, 9, 9),
        ground=(48, 34, 27),
        haze=(160, 120, 76),
        accent=(172, 36, 26),
        petal=(244, 226, 196),
        foliage=(62, 66, 42),
        leaf=GOLD,
    ),
    Palette(
        en="jade green and gold",
        vi="xanh ngọc và vàng lá",
        night=(4, 26, 26),
        ground=(14, 78, 72),
        haze=(156, 196, 166),
        accent=(206, 70, 42),
        petal=(252, 214, 204),
        foliage=(26, 100, 74),
        leaf=PALE_GOLD,
    ),
    Palette(
        en="indigo and silver",
        vi="xanh chàm và bạc lá",
        night=(8, 12, 34),
        ground=(28, 50, 100),
        haze=(146, 170, 200),
        accent=(196, 60, 58),
        petal=(240, 222, 232),
        foliage=(26, 74, 96),
        leaf=SILVER,
    ),
    Palette(
        en="amber brown and gold",
        vi="nâu cánh gián và vàng lá",
        night=(30, 15, 6),
        ground=(116, 62, 24),
        haze=(236, 180, 104),
        accent=(180, 48, 22),
        petal=(255, 232, 196),
        foliage=(88, 76, 30),
        leaf=GOLD,
    ),
    Palette(
        en="Huế purple and copper",
        vi="tím Huế và ánh đồng",
        night=(26, 9, 36),
        ground=(88, 34, 92),
        haze=(220, 158, 174),
        accent=(210, 62, 88),
        petal=(252, 212, 220),
        foliage=(56, 58, 92),
        leaf=COPPER,
    ),
    Palette(
        en="eggshell white and red",
        vi="trắng vỏ trứng và đỏ son",
        night=(84, 26, 18),
        ground=(216, 176, 130),
        haze=(248, 232, 204),
        accent=(190, 34, 26),
        petal=(255, 240, 222),
        foliage=(118, 110, 64),
        leaf=GOLD,
    ),
)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a `share` of `other` in it, from 0 to 1."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def ramp(*colours: Colour, sideways: bool = False) -> Fill:
    """A fill that runs smoothly through the colours, downwards or to the right."""
    strip = Image.new("RGB", (len(colours), 1) if sideways else (1, len(colours)))
    strip.putdata(colours)

    def fill(size: Size) -> Image.Image:
        line = (size[0], 1) if sideways else (1, size[1])
        return strip.resize(line, SMOOTH).resize(size, Image.Resampling.NEAREST)

    return fill


def curve(points: Sequence[Point], *, closed: bool = False, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    around = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    traced = []
    for a, b, c, d in zip(around, around[1:], around[2:], around[3:], strict=False):
        for step in range(steps):
            t = step / steps
            pull = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
            traced.append(
                tuple(sum(p * q for p, q in zip(pull, axis, strict=True)) / 2 for axis in zip(a, b, c, d, strict=True))
            )
    return traced if closed else [*traced, points[-1]]


def path(text: str) -> list[Point]:
    """Points from text such as "0 0, .5 -1"."""
    return [tuple(map(float, pair.split())) for pair in text.split(",")]


@dataclass(frozen=True)
class Frame:
    """Where a motif stands: its origin and size in pixels, and its clockwise turn in radians."""

    origin: Point
    size: float
    turn: float = 0
    flat: float = 1  # height over width

    def spot(self, x: float, y: float = 0) -> Point:
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        x, y = x * self.size, y * self.size * self.flat
        return self.origin[0] + x * cos - y * sin, self.origin[1] + x * sin + y * cos

    def put(self, points: Sequence[Point]) -> list[Point]:
        return [self.spot(x, y) for x, y in points]


def shifted(points: Sequence[Point], right: float, down: float) -> list[Point]:
    return [(x + right, y + down) for x, y in points]


def oval(centre: Point, rx: float, ry: float, turn: float = 0) -> list[Point]:
    ring = [(math.cos(TURN * i / 72), math.sin(TURN * i / 72)) for i in range(72)]
    return Frame(centre, rx, turn, ry / rx).put(ring)


def loop(points: Sequence[Point]) -> list[Point]:
    """The outline as a line that ends where it began."""
    return [*points, points[0]]


def mirrored(side: Sequence[Point]) -> list[Point]:
    """A whole outline from its right side."""
    return [*side, *((-x, y) for x, y in reversed(side))]


def clouds(rng: Random, size: Size, cells: int, octaves: int = 3) -> Image.Image:
    """Soft greys with `cells` blots across the width, each octave finer and weaker."""
    sky = None
    for octave in range(octaves):
        across = cells * 3**octave
        down = max(2, round(across * size[1] / size[0]))
        blots = Image.frombytes("L", (across, down), rng.randbytes(across * down)).resize(size, SMOOTH)
        sky = blots if sky is None else Image.blend(sky, blots, 0.38)
    return sky


def halo(power: float) -> Image.Image:
    """A spot of light, full at its centre and gone at its edge; a higher power narrows it."""
    # Pillow's gradient ends in the corners; the light must end where a circle meets the sides.
    return Image.radial_gradient("L").point(lambda v: round(255 * max(0, 1 - v * math.sqrt(2) / 255) ** power))


@dataclass
class Stencil:
    """Shapes cut out together, in pixels of the panel. Later ones cover earlier ones: tone 0 cuts back."""

    shapes: list[tuple[str, Sequence[Point], float, int]] = field(default_factory=list)

    def polygon(self, points: Sequence[Point], tone: int = 255) -> None:
        self.shapes.append(("polygon", points, 0, tone))

    def line(self, points: Sequence[Point], width: float, tone: int = 255) -> None:
        self.shapes.append(("line", points, width, tone))

    def disc(self, centre: Point, radius: float, tone: int = 255) -> None:
        corners = [(centre[0] - radius, centre[1] - radius), (centre[0] + radius, centre[1] + radius)]
        self.shapes.append(("disc", corners, 0, tone))

    def cut(self, size: Size) -> tuple[Image.Image, Point] | None:
        """The mask of what falls on the panel, and its top left corner; None if nothing does."""
        xs = [x + side * width for _, points, width, _ in self.shapes for x, _ in points for side in (-1, 1)]
        ys = [y + side * width for _, points, width, _ in self.shapes for _, y in points for side in (-1, 1)]
        if not xs:
            return None
        left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
        width, height = (
            min(size[0], math.ceil(max(xs)) + 1) - left,
            min(size[1], math.ceil(max(ys)) + 1) - top,
        )
        if width <= 0 or height <= 0:
            return None
        mask = Image.new("L", (width * FINE, height * FINE))
        pen = ImageDraw.Draw(mask)
        for kind, points, stroke, tone in self.shapes:
            fine = [((x - left) * FINE, (y - top) * FINE) for x, y in points]
            if kind == "disc":
                pen.ellipse(fine, tone)
            elif kind == "line":
                # Rounding the joints takes long, and shows on broad lines only.
                pen.line(fine, tone, max(1, round(stroke * FINE)), joint="curve" if stroke > 5 else None)
            else:
                pen.polygon(fine, tone)
        return mask.reduce(FINE), (left, top)


class Panel:
    """A board being lacquered."""

    def __init__(self, rng: Random, palette: Palette, size: Size) -> None:
        self.rng, self.colours, self.size = rng, palette, size
        self.width, self.height = size
        self.unit = min(size)
        self.image = Image.new("RGB", size, palette.night)

    def at(self, x: float, y: float) -> Point:
        return x * self.width, y * self.height

    def lay(self, fill: Fill, stencil: Stencil, strength: float = 1) -> None:
        if cut := stencil.cut(self.size):
            self.press(fill, *cut, strength)

    def press(self, fill: Fill, mask: Image.Image, corner: Point = (0, 0), strength: float = 1) -> None:
        if strength < 1:
            mask = mask.point(lambda v: round(v * strength))
        box = (*corner, corner[0] + mask.width, corner[1] + mask.height)
        self.image.paste(fill(mask.size) if callable(fill) else fill, box, mask)

    def shape(self, fill: Fill, points: Sequence[Point], strength: float = 1) -> None:
        stencil = Stencil()
        stencil.polygon(points)
        self.lay(fill, stencil, strength)

    def stroke(self, fill: Fill, points: Sequence[Point], width: float, strength: float = 1) -> None:
        """Draws a line; `width` is a fraction of the shorter side."""
        stencil = Stencil()
        stencil.line(points, width * self.unit)
        self.lay(fill, stencil, strength)

    def glow(self, colour: Colour, centre: Point, radius: Point, strength: float = 1, power: float = 2) -> None:
        """Lays light around a centre; radii in pixels."""
        size = (max(1, round(2 * radius[0])), max(1, round(2 * radius[1])))
        light = halo(power).resize(size, Image.Resampling.BILINEAR)
        left, top = round(centre[0] - radius[0]), round(centre[1] - radius[1])
        box = (
            max(0, -left),
            max(0, -top),
            min(light.width, self.width - left),
            min(light.height, self.height - top),
        )
        if box[0] < box[2] and box[1] < box[3]:
            self.press(colour, light.crop(box), (max(0, left), max(0, top)), strength)

    def ground(self, *colours: Colour) -> None:
        """Paints the whole board, mottled, with patches of leaf that the sanding has left."""
        self.image = ramp(*colours)(self.size)
        small = (self.width // 4, self.height // 4)
        shade = clouds(self.rng, small, 4).point(lambda v: max(0, v - 96)).resize(self.size, SMOOTH)
        self.press(self.colours.night, shade, strength=0.5)
        worn = ImageChops.multiply(clouds(self.rng, small, 3, 4), clouds(self.rng, small, 28, 2))
        worn = worn.point(lambda v: min(255, max(0, v - 84) * 5)).resize(self.size, SMOOTH)
        self.press(self.leaf, worn, strength=0.16)

    def leaf(self, size: Size) -> Image.Image:
        return piece(self.leaf_sheet, size, self.rng)

    def eggshell(self, size: Size) -> Image.Image:
        return piece(self.eggshell_sheet, size, self.rng)

    @cached_property
    def leaf_sheet(self) -> Image.Image:
        """Metal leaf: square sheets that don't quite match, with creases."""
        side, sheet = 640, 160
        tile = clouds(self.rng, (side, side), 9, 4)
        sheets = Image.new("L", (side, side), 128)
        pen = ImageDraw.Draw(sheets)
        for x in range(0, side, sheet):
            for y in range(0, side, sheet):
                tone = self.rng.randint(96, 168)
                pen.rectangle((x, y, x + sheet, y + sheet), tone, min(255, tone + 26), 2)
        tile = Image.blend(tile, sheets, 0.4)
        shadow, body, shine = self.colours.leaf
        dull = mix(shadow, body, 0.35)
        tile = ImageOps.colorize(tile, dull, shine, body, blackpoint=52, whitepoint=206, midpoint=120)
        return tile.resize((max(self.size),) * 2, Image.Resampling.BILINEAR).crop((0, 0, *self.size))

    @cached_property
    def eggshell_sheet(self) -> Image.Image:
        """Crushed eggshell: pale chips set edge to edge in dark lacquer."""
        side, chips = round(self.unit * 0.62), 38
        step, rng = 2 * side / chips, self.rng
        tile = Image.new("RGB", (2 * side, 2 * side), mix(self.colours.night, self.colours.haze, 0.3))
        pen = ImageDraw.Draw(tile)
        corners = {
            (x, y): (
                (x + y % 2 / 2 - 0.5 + rng.uniform(-0.4, 0.4)) * step,
                (y + rng.uniform(-0.4, 0.4)) * step,
            )
            for x in range(chips + 2)
            for y in range(chips + 1)
        }
        for x in range(chips + 1):
            for y in range(chips):
                a, b, c, d = (corners[x + i, y + j] for i, j in ((0, 0), (1, 0), (1, 1), (0, 1)))
                for chip in rng.choice((((a, b, c, d),), ((a, b, c), (a, c, d)), ((a, b, d), (b, c, d)))):
                    middle = [sum(axis) / len(chip) for axis in zip(*chip, strict=True)]
                    shrunk = [tuple(m + (v - m) * 0.88 for m, v in zip(middle, p, strict=True)) for p in chip]
                    pen.polygon(shrunk, mix((252, 243, 224), (212, 186, 150), rng.random() ** 2))
        return tile.reduce(2)

    def polish(self) -> Image.Image:
        """The finished picture: flecks of leaf in the lacquer, darker edges and a fine grain."""
        flecks = Stencil()
        for _ in range(170):
            size = self.unit * self.rng.uniform(0.0006, 0.0017)
            flecks.disc(self.at(self.rng.random(), self.rng.random()), size, self.rng.randint(60, 190))
        self.lay(self.colours.leaf[1], flecks)
        edges = Image.radial_gradient("L").point(lambda v: round(max(0, v - 120) * 0.9)).resize(self.size, SMOOTH)
        self.press(self.colours.night, edges, strength=0.7)
        # Image.effect_noise draws from the C library's generator, which no seed of ours reaches.
        weave = Image.frombytes("L", (512, 512), self.rng.randbytes(512 * 512)).point(lambda v: 112 + v // 8)
        grain = Image.new("L", self.size)
        for x in range(0, self.width, 512):
            for y in range(0, self.height, 512):
                grain.paste(weave, (x, y))
        return ImageChops.soft_light(self.image, Image.merge("RGB", (grain,) * 3))


def piece(sheet: Image.Image, size: Size, rng: Random) -> Image.Image:
    """A part of the sheet from a random place; `size` must not exceed the sheet's."""
    x, y = rng.randint(0, sheet.width - size[0]), rng.randint(0, sheet.height - size[1])
    return sheet.crop((x, y, x + size[0], y + size[1]))
