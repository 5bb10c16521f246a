"""Pictures for the demo gallery, in the manner of sơn mài, Vietnamese lacquer painting.

They stand in for entrants' photos, so that a demo shows no real person. A picture is built as a lacquer panel is:
a dark ground, then layers laid through stencils in plain colour, metal leaf or eggshell, then the polish.
Places are fractions of the panel and lengths are fractions of its shorter side, so that every format composes.
"""

import io
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
    """Colours from the deepest to the palest; the leaf is its shadow, its body and its shine."""

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


def placed(points: Sequence[Point], at: Point, scale: Point, turn: float = 0) -> list[Point]:
    """The points scaled, turned clockwise by `turn` radians about their origin, which then moves to `at`."""
    cos, sin = math.cos(turn), math.sin(turn)
    scaled = [(x * scale[0], y * scale[1]) for x, y in points]
    return [(at[0] + x * cos - y * sin, at[1] + x * sin + y * cos) for x, y in scaled]


def oval(centre: Point, rx: float, ry: float, turn: float = 0) -> list[Point]:
    ring = [(math.cos(TURN * i / 72), math.sin(TURN * i / 72)) for i in range(72)]
    return placed(ring, centre, (rx, ry), turn)


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
    """A spot of light, full in its centre and gone at its edge; a higher power draws it in."""
    # Pillow's gradient ends in the corners; the light must end where a circle meets the sides.
    return Image.radial_gradient("L").point(lambda v: round(255 * max(0, 1 - v * math.sqrt(2) / 255) ** power))


@dataclass
class Stencil:
    """Shapes cut out together, in pixels of the panel. Later ones cover earlier ones: tone 0 cuts back."""

    shapes: list[tuple[Sequence[Point], float, int]] = field(default_factory=list)

    def polygon(self, points: Sequence[Point], tone: int = 255) -> None:
        self.shapes.append((points, 0, tone))

    def line(self, points: Sequence[Point], width: float, tone: int = 255) -> None:
        self.shapes.append((points, width, tone))

    def disc(self, centre: Point, radius: float, tone: int = 255) -> None:
        self.polygon(oval(centre, radius, radius), tone)

    def cut(self, size: Size) -> tuple[Image.Image, Point] | None:
        """The mask of what falls on the panel and its top left corner; none when nothing does."""
        xs = [x + side * width for points, width, _ in self.shapes for x, _ in points for side in (-1, 1)]
        ys = [y + side * width for points, width, _ in self.shapes for _, y in points for side in (-1, 1)]
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
        for points, stroke, tone in self.shapes:
            fine = [((x - left) * FINE, (y - top) * FINE) for x, y in points]
            if stroke:
                pen.line(fine, tone, max(1, round(stroke * FINE)), joint="curve")
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
        """A line, its `width` as a fraction of the shorter side."""
        stencil = Stencil()
        stencil.line(points, width * self.unit)
        self.lay(fill, stencil, strength)

    def glow(self, colour: Colour, centre: Point, radius: Point, strength: float = 1, power: float = 2) -> None:
        """Light about a centre; radii in pixels."""
        light = halo(power).resize((max(1, round(2 * radius[0])), max(1, round(2 * radius[1]))), SMOOTH)
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
        """Paint the whole board, mottled, with leaf that the sanding has left in patches."""
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
        side, chips = round(self.unit * 0.62), 44
        step, rng = 2 * side / chips, self.rng
        tile = Image.new("RGB", (2 * side, 2 * side), mix(self.colours.night, self.colours.haze, 0.4))
        pen = ImageDraw.Draw(tile)
        corners = {
            (x, y): ((x + rng.uniform(-0.36, 0.36)) * step, (y + rng.uniform(-0.36, 0.36)) * step)
            for x in range(chips + 1)
            for y in range(chips + 1)
        }
        for x in range(chips):
            for y in range(chips):
                chip = [corners[x + i, y + j] for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
                middle = (sum(p[0] for p in chip) / 4, sum(p[1] for p in chip) / 4)
                shrunk = [(middle[0] + (a - middle[0]) * 0.9, middle[1] + (b - middle[1]) * 0.9) for a, b in chip]
                pen.polygon(shrunk, mix((250, 240, 220), (214, 190, 156), rng.random() ** 2))
        return tile.reduce(2)

    def polish(self) -> Image.Image:
        """Flecks of leaf in the lacquer, darker edges and a fine grain."""
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
    """A part of the sheet, from anywhere on it; the size must fit."""
    x, y = rng.randint(0, sheet.width - size[0]), rng.randint(0, sheet.height - size[1])
    return sheet.crop((x, y, x + size[0], y + size[1]))


def orb(p: Panel, centre: Point, radius: float, fill: Fill) -> None:
    """A sun or a moon with its light; the radius in pixels."""
    light = mix(p.colours.haze, p.colours.leaf[2], 0.5)
    p.glow(light, centre, (radius * 3.4, radius * 3.4), 0.5)
    p.glow(light, centre, (radius * 1.5, radius * 1.5), 0.6, 1)
    p.shape(fill, oval(centre, radius, radius))


def skyline(p: Panel, base: float, rise: float, peaks: int) -> list[Point]:
    """Steep limestone towers along `base`, to fill down to the foot of the panel; both as fractions of the height."""
    towers = [
        (
            (i + p.rng.uniform(0.1, 0.9)) / peaks * 1.2 - 0.1,
            p.rng.uniform(0.35, 0.75) / peaks,
            p.rng.uniform(0.3, 1),
        )
        for i in range(peaks)
    ]
    rough = curve([(i, p.rng.uniform(-0.05, 0.05)) for i in range(32)], steps=8)
    edge = []
    for i in range(241):
        x = i / 240
        reach = max(tall * math.exp(-(abs((x - at) / broad) ** 2.6)) for at, broad, tall in towers)
        edge.append(p.at(x, base - rise * (reach * (1 + 2 * rough[i][1]) + rough[i][1] * 0.4)))
    return edge


def down_to(edge: list[Point], y: float) -> list[Point]:
    return [*edge, (edge[-1][0], y), (edge[0][0], y)]


def shimmer(p: Panel, x: float, top: float, bottom: float, spread: float) -> None:
    """The broken path of light on water under an orb; fractions of the panel."""
    path = Stencil()
    for i in range(70):
        depth = (i / 70) ** 1.4
        reach = p.unit * p.rng.uniform(0.01, 0.05 + 0.1 * depth)
        middle = p.at(x + p.rng.gauss(0, spread * (0.3 + 0.7 * depth)), top + (bottom - top) * depth)
        path.polygon(oval(middle, reach, p.unit * (0.0012 + 0.0028 * depth)), p.rng.randint(50, 200))
    p.lay(p.colours.leaf[2], path)


def junk(p: Panel, keel: Point, size: float) -> None:
    """A junk under sail, its keel's middle at `keel`; the size in pixels."""
    c = p.colours
    hull = curve(
        [
            (-0.5, -0.14),
            (-0.3, -0.03),
            (0, 0),
            (0.3, -0.03),
            (0.56, -0.2),
            (0.4, -0.13),
            (0, -0.1),
            (-0.36, -0.1),
        ],
        closed=True,
    )
    sails = (
        ((-0.08, -0.16), (-0.02, -1.0), (0.22, -0.86), (0.38, -0.5), (0.34, -0.18)),
        ((-0.46, -0.2), (-0.36, -0.72), (-0.2, -0.64), (-0.13, -0.4), (-0.14, -0.18)),
        ((0.4, -0.26), (0.42, -0.62), (0.54, -0.52), (0.6, -0.28), (0.54, -0.24)),
    )
    p.shape(c.night, placed(curve(hull), (keel[0], keel[1] + size * 0.02), (size, -size * 0.5)), 0.5)
    for luff in sails:
        p.shape(
            ramp(c.leaf[2], c.accent, mix(c.accent, c.night, 0.5)),
            placed([*curve(luff[1:]), luff[0]], keel, (size, size)),
        )
        ribs = Stencil()
        for k in range(1, 6):
            t = k / 6
            inner = (luff[1][0] + (luff[0][0] - luff[1][0]) * t, luff[1][1] + (luff[0][1] - luff[1][1]) * t)
            outer = curve(luff[1:])[round(t * (len(curve(luff[1:])) - 1))]
            ribs.line(placed([inner, outer], keel, (size, size)), size * 0.008)
        p.lay(c.night, ribs, 0.7)
    p.shape(c.night, placed(hull, keel, (size, size)))
    p.stroke(
        c.leaf[1],
        placed([(-0.5, -0.14), (-0.36, -0.09), (0, -0.09), (0.4, -0.12), (0.56, -0.2)], keel, (size, size)),
        size / p.unit * 0.012,
    )


def ha_long(p: Panel) -> None:
    c, rng = p.colours, p.rng
    sea = rng.uniform(0.62, 0.68)
    side = rng.uniform(0.28, 0.72)
    p.ground(c.night, c.ground, mix(c.ground, c.haze, 0.7), c.haze)
    orb(
        p,
        p.at(side, rng.uniform(0.2, 0.28)),
        p.unit * rng.uniform(0.1, 0.15),
        rng.choice((p.eggshell, p.leaf)),
    )
    for depth in range(4):
        near = depth / 3
        edge = skyline(p, sea - 0.04 + 0.05 * near, rng.uniform(0.2, 0.3) + 0.06 * near, 5 - depth)
        rock = mix(mix(c.ground, c.haze, 0.55), c.night, near * 0.9)
        p.shape(ramp(rock, rock, mix(rock, c.haze, 0.75)), down_to(edge, p.height * (sea + 0.02)))
        p.stroke(p.leaf, edge, 0.0022, 0.25 + 0.4 * near)
    water = [p.at(0, sea), p.at(1, sea), p.at(1, 1), p.at(0, 1)]
    p.shape(ramp(mix(c.haze, c.ground, 0.4), c.ground, c.night, c.night), water)
    shimmer(p, side, sea, 1, 0.09)
    junk(p, p.at(1 - side + rng.uniform(-0.08, 0.08), rng.uniform(0.78, 0.84)), p.unit * rng.uniform(0.2, 0.28))


def lotus_leaf(p: Panel, centre: Point, reach: float, tilt: float) -> None:
    """A floating leaf with veins; the reach in pixels, the tilt as height over width."""
    c, rng = p.colours, p.rng
    notch = rng.uniform(0, TURN)
    rim = [
        (math.cos(notch + a) * r, math.sin(notch + a) * r)
        for a, r in ((0.06 + i / 90 * (TURN - 0.12), 1 + 0.025 * math.sin(i * 0.9)) for i in range(91))
    ]
    outline = placed([(0, 0), *rim], centre, (reach, reach * tilt))
    p.shape(c.night, [(x + reach * 0.03, y + reach * 0.07) for x, y in outline], 0.55)
    p.shape(ramp(mix(c.foliage, c.haze, rng.uniform(0.1, 0.3)), c.foliage, mix(c.foliage, c.night, 0.6)), outline)
    veins = Stencil()
    for i in range(16):
        a = notch + TURN * (i + 0.5) / 16
        veins.line(
            placed(
                [(0.04 * math.cos(a), 0.04 * math.sin(a)), (0.92 * math.cos(a), 0.92 * math.sin(a))],
                centre,
                (reach, reach * tilt),
            ),
            reach * 0.008,
            150,
        )
    veins.line([*outline, outline[0]], reach * 0.014)
    p.lay(p.leaf, veins, 0.75)


def lotus_flower(p: Panel, base: Point, reach: float) -> None:
    """An open flower rising from `base`; the reach of its petals in pixels."""
    c = p.colours
    petal = curve(
        [
            (0, 0),
            (-0.17, -0.3),
            (-0.2, -0.62),
            (-0.07, -0.92),
            (0, -1.02),
            (0.07, -0.92),
            (0.2, -0.62),
            (0.17, -0.3),
        ],
        closed=True,
    )
    p.glow(c.petal, (base[0], base[1] - reach * 0.5), (reach * 1.5, reach * 1.3), 0.32)
    rows = ((1.3, 9, 0.86, 0.45), (1.0, 8, 1.0, 0.25), (0.5, 5, 0.98, 0.1), (0.95, 4, 0.66, 0))
    for spread, count, tall, dim in rows:
        order = sorted(range(count), key=lambda i: -abs(i - (count - 1) / 2))
        for i in order:
            turn = spread * (2 * i / (count - 1) - 1)
            tip = mix(mix(c.accent, c.petal, 0.35), c.night, dim)
            outline = placed(petal, base, (reach * 1.08, reach * tall * (1 - 0.1 * abs(turn))), turn)
            p.shape(ramp(tip, mix(c.petal, c.night, dim), mix(c.petal, c.leaf[1], 0.4)), outline)
            p.stroke(c.leaf[2], [*outline, outline[0]], reach / p.unit * 0.008, 0.7)


def lotus(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.haze, 0.35), c.ground, mix(c.ground, c.night, 0.5), c.night)
    orb(p, p.at(rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.2)), p.unit * 0.1, p.eggshell)
    ripples = Stencil()
    for _ in range(60):
        y = rng.uniform(0.3, 1)
        ripples.polygon(oval(p.at(rng.random(), y), p.unit * rng.uniform(0.03, 0.16), p.unit * 0.0014), 70)
    p.lay(c.leaf[1], ripples)
    rows = 6
    blooms = sorted(rng.sample(range(1, rows), 3))
    for row in range(rows):
        depth = row / (rows - 1)
        for _ in range(3 if depth < 0.7 else 2):
            lotus_leaf(
                p,
                p.at(rng.uniform(-0.05, 1.05), 0.42 + 0.56 * depth + rng.uniform(-0.03, 0.03)),
                p.unit * (0.09 + 0.17 * depth) * rng.uniform(0.8, 1.2),
                0.24 + 0.12 * depth,
            )
        if row in blooms:
            x = (0.22, 0.7, 0.42)[blooms.index(row)] + rng.uniform(-0.08, 0.08)
            foot, head = p.at(x, 0.5 + 0.56 * depth), p.at(x + rng.uniform(-0.04, 0.04), 0.36 + 0.3 * depth)
            p.stroke(
                mix(c.foliage, c.night, 0.3),
                curve([foot, ((foot[0] + head[0]) / 2 + p.unit * 0.02, (foot[1] + head[1]) / 2), head]),
                0.008,
            )
            lotus_flower(p, head, p.unit * (0.11 + 0.1 * depth))


LANTERNS = (
    ((0.3, -0.5), (0.52, -0.3), (0.6, 0), (0.52, 0.3), (0.3, 0.5)),
    ((0.3, -0.72), (0.42, -0.5), (0.46, 0), (0.42, 0.5), (0.3, 0.72)),
    ((0.24, -0.62), (0.44, -0.4), (0.62, 0), (0.36, 0.42), (0.18, 0.66)),
    ((0.2, -0.42), (0.66, -0.14), (0.72, 0.02), (0.6, 0.18), (0.2, 0.42)),
)


def lantern(p: Panel, centre: Point, size: float, colour: Colour) -> None:
    """A lit silk lantern; the size in pixels, about half its height."""
    c = p.colours
    side = curve(p.rng.choice(LANTERNS))
    outline = placed([*side, *[(-x, y) for x, y in reversed(side)]], centre, (size, size))
    lit = mix(colour, (255, 236, 170), 0.7)
    p.glow(mix(colour, c.leaf[2], 0.5), centre, (size * 2.6, size * 2.6), 0.55)
    p.shape(ramp(mix(colour, c.night, 0.35), colour, colour, mix(colour, c.night, 0.35), sideways=True), outline)
    cut = Stencil()
    cut.polygon(outline)
    mask, corner = cut.cut(p.size) or (None, None)
    if mask:
        light = halo(1.2).resize(mask.size, SMOOTH)
        p.press(lit, ImageChops.multiply(mask, light), corner, 0.95)
    ribs = Stencil()
    for k in (-1, -0.72, -0.36, 0, 0.36, 0.72, 1):
        ribs.line(placed([(x * k, y) for x, y in side], centre, (size, size)), size * 0.018, 190)
    p.lay(mix(colour, c.night, 0.45), ribs, 0.6)
    top, foot = side[0], side[-1]
    fittings = Stencil()
    for x, y in (top, foot):
        fittings.polygon(
            placed(
                [(-x * 1.05, y - 0.05), (x * 1.05, y - 0.05), (x * 1.05, y + 0.05), (-x * 1.05, y + 0.05)],
                centre,
                (size, size),
            )
        )
    for k in range(-3, 4):
        fittings.line(
            placed(
                [(k * 0.012, foot[1]), (k * 0.012, foot[1] + 0.22), (k * 0.03, foot[1] + 0.62)],
                centre,
                (size, size),
            ),
            size * 0.014,
        )
    p.lay(p.leaf, fittings)


def lanterns(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.6), c.ground, mix(c.ground, c.night, 0.6))
    hues = (
        c.accent,
        c.accent,
        mix(c.accent, c.leaf[1], 0.55),
        mix(c.foliage, c.haze, 0.25),
        mix(c.ground, c.petal, 0.3),
    )
    for _ in range(26):
        blur = p.unit * rng.uniform(0.02, 0.07)
        p.glow(
            mix(rng.choice(hues), c.leaf[2], 0.4),
            p.at(rng.random(), rng.uniform(0.3, 1)),
            (blur, blur),
            rng.uniform(0.1, 0.4),
            0.5,
        )
    for row in range(4):
        near = row / 3
        count = 6 - row
        size = p.unit * (0.055 + 0.075 * near)
        start, end, sag = (
            0.04 + rng.uniform(0.0, 0.1) + 0.17 * row,
            0.04 + rng.uniform(0.0, 0.1) + 0.17 * row,
            0.1,
        )
        cord = [p.at(t / 40, start + (end - start) * t / 40 + sag * math.sin(math.pi * t / 40)) for t in range(41)]
        p.stroke(c.leaf[0], cord, 0.003)
        shift = rng.uniform(-0.3, 0.3)
        for i in range(count):
            x, y = cord[min(40, max(0, round(40 * (i + 0.5 + shift) / count)))]
            p.stroke(c.leaf[0], [(x, y), (x, y + size * 0.8)], 0.003)
            lantern(p, (x, y + size * 1.2), size, rng.choice(hues))


def terraces(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.ground, mix(c.ground, c.haze, 0.6), c.haze, c.haze)
    orb(p, p.at(rng.uniform(0.25, 0.75), 0.2), p.unit * rng.uniform(0.09, 0.14), p.leaf)
    for depth in range(2):
        ridge = curve([p.at(i / 6, 0.36 + 0.06 * depth + rng.uniform(-0.07, 0.05)) for i in range(7)])
        rock = mix(mix(c.ground, c.haze, 0.5), c.foliage, 0.3 + 0.3 * depth)
        p.shape(ramp(rock, mix(rock, c.haze, 0.8)), down_to(ridge, p.height * 0.62))
    for near, (peak, top) in enumerate(
        ((rng.uniform(0.1, 0.3), 0.42), (rng.uniform(0.7, 0.95), 0.5), (rng.uniform(0.3, 0.6), 0.7))
    ):
        hillside(p, peak, top, near)


def hillside(p: Panel, peak: float, top: float, near: int) -> None:
    """Rice terraces stepping down from a peak, some under water; fractions of the panel."""
    c, rng, steps = p.colours, p.rng, 9
    wobble = curve([(i, rng.uniform(-1, 1)) for i in range(12)], steps=11)
    banks = []
    for step in range(steps):
        drop = (step / steps) ** 1.25
        lift = [
            top + drop * 0.42 + wobble[i][1] * 0.014 * (0.5 + drop) + 0.006 * math.sin(i * 0.19 + step * 1.3)
            for i in range(101)
        ]
        banks.append([p.at(i / 100, y + abs(i / 100 - peak) ** 1.5 * (0.75 - 0.5 * drop)) for i, y in enumerate(lift)])
    foot = [p.at(0, 1), p.at(1, 1)]
    for step, (bank, below) in enumerate(zip(banks, [*banks[1:], foot], strict=True)):
        wet = (step + near) % 3 == 1
        field = mix(c.haze, c.ground, 0.15) if wet else mix(c.foliage, c.leaf[1], rng.uniform(0.05, 0.5))
        field = mix(field, c.night, 0.1 * near + 0.15 * step / steps)
        p.shape(ramp(field, mix(field, c.night, 0.55)), [*bank, *reversed(below)])
    edges, shade = Stencil(), Stencil()
    for bank in banks:
        shade.line([(x, y + p.unit * 0.006) for x, y in bank], p.unit * 0.006)
        edges.line(bank, p.unit * 0.0036)
    p.lay(c.night, shade, 0.35)
    p.lay(p.leaf, edges, 0.85)


def rings(p: Panel, centre: Point, first: float, last: float, count: int, arc: tuple[float, float] = (0, TURN)) -> None:
    """Sound spreading in fainter and fainter rings; radii in pixels."""
    waves = Stencil()
    for i in range(count):
        t = i / max(1, count - 1)
        radius = first + (last - first) * t
        steps = [arc[0] + (arc[1] - arc[0]) * k / 96 for k in range(97)]
        waves.line(
            [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in steps],
            p.unit * (0.004 - 0.0025 * t),
            round(210 * (1 - t) + 36),
        )
    p.lay(p.colours.leaf[1], waves)


def zither(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.3), c.ground, mix(c.ground, c.night, 0.6), c.night)
    turn = rng.uniform(-0.62, -0.42) if rng.random() < 0.5 else rng.uniform(0.42, 0.62)
    middle, long = p.at(0.5, rng.uniform(0.56, 0.62)), math.hypot(*p.size) * 0.5
    sun = p.at(0.5 - math.copysign(0.2, turn) * -1, 0.22)
    orb(p, sun, p.unit * 0.12, p.eggshell)
    rings(p, sun, p.unit * 0.17, p.unit * 1.1, 18)
    broad, slim = p.unit * 0.3, p.unit * 0.2

    def on_board(u: float, v: float) -> Point:
        """From -1 to 1 along and across the board, which narrows to the right."""
        half = broad + (slim - broad) * (u + 1) / 2
        return placed([(u * long, v * half)], middle, (1, 1), turn)[0]

    board = [on_board(u / 20, -1 - 0.07 * math.cos(u / 20 * 1.5)) for u in range(-20, 21)]
    board += [on_board(u / 20, 1) for u in range(20, -21, -1)]
    p.shape(c.night, [(x, y + p.unit * 0.04) for x, y in board], 0.5)
    p.shape(ramp(mix(c.accent, c.haze, 0.25), mix(c.accent, c.night, 0.2), mix(c.accent, c.night, 0.7)), board)
    p.stroke(p.leaf, [*board, board[0]], 0.012)
    inlay = Stencil()
    for u in (-0.86, -0.7, 0.74, 0.88):
        for v in (-0.75, 0.0, 0.75):
            for k in range(6):
                inlay.polygon(
                    oval(
                        placed(
                            [(0.03 * math.cos(TURN * k / 6), 0.03 * math.sin(TURN * k / 6))],
                            on_board(u, v),
                            (p.unit * 0.5, p.unit * 0.5),
                        )[0],
                        p.unit * 0.011,
                        p.unit * 0.005,
                        TURN * k / 6,
                    )
                )
    p.lay(c.petal, inlay, 0.85)
    strings, bridges, trembling = Stencil(), Stencil(), Stencil()
    plucked = rng.sample(range(16), 4)
    for i in range(16):
        v = -0.86 + 1.72 * i / 15
        rest = -0.5 + 0.9 * i / 15
        strings.line([on_board(-1, v), on_board(1, v)], p.unit * 0.0028)
        foot, head = on_board(rest, v), on_board(rest, v)
        bridges.polygon(
            [
                (foot[0] - p.unit * 0.014, foot[1] + p.unit * 0.016),
                (head[0], head[1] - p.unit * 0.024),
                (foot[0] + p.unit * 0.014, foot[1] + p.unit * 0.016),
            ]
        )
        if i in plucked:
            for swing in (-1, -0.5, 0.5, 1):
                trembling.line(
                    [
                        on_board(rest + (1 - rest) * k / 40, v + 0.05 * swing * math.sin(math.pi * k / 40))
                        for k in range(41)
                    ],
                    p.unit * 0.0016,
                    130,
                )
    p.lay(c.leaf[2], trembling)
    p.lay(c.leaf[2], strings)
    p.lay(c.petal, bridges)


def monochord(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.7), c.ground, mix(c.ground, c.night, 0.7))
    flip = rng.choice((-1, 1))

    def spot(x: float, y: float) -> Point:
        """Mirrored for a left-handed composition."""
        return p.at(0.5 + flip * (x - 0.5), y)

    moon = spot(0.66, 0.32)
    orb(p, moon, p.unit * rng.uniform(0.18, 0.23), rng.choice((p.leaf, p.eggshell)))
    body_top = 0.78
    harmonic = spot(0.46, 0.63)
    rings(p, harmonic, p.unit * 0.04, p.unit * 1.2, 26)
    p.glow(c.leaf[2], harmonic, (p.unit * 0.2, p.unit * 0.2), 0.5)
    box = [
        spot(0.1, body_top),
        spot(0.92, body_top + 0.012),
        spot(0.92, body_top + 0.075),
        spot(0.1, body_top + 0.1),
    ]
    p.glow(c.night, p.at(0.5, body_top + 0.11), (p.width * 0.5, p.height * 0.05), 0.7, 1)
    p.shape(ramp(mix(c.accent, c.haze, 0.3), c.accent, mix(c.accent, c.night, 0.6)), box)
    p.stroke(p.leaf, [*box, box[0]], 0.008)
    inlay = Stencil()
    for k in range(9):
        x = 0.2 + 0.08 * k
        inlay.polygon(oval(spot(x, body_top + 0.048), p.unit * 0.022, p.unit * 0.007, 0.5 * flip))
        inlay.polygon(oval(spot(x + 0.02, body_top + 0.046), p.unit * 0.016, p.unit * 0.006, -0.5 * flip))
    p.lay(c.petal, inlay, 0.9)
    rod = curve([spot(0.16, body_top + 0.02), spot(0.165, 0.6), spot(0.15, 0.42), spot(0.09, 0.24), spot(0.0, 0.15)])
    p.stroke(c.night, [(x + p.unit * 0.008, y) for x, y in rod], 0.02, 0.6)
    p.stroke(p.leaf, rod, 0.014)
    tied = spot(0.158, 0.5)
    far = spot(0.86, body_top + 0.01)
    trembling = Stencil()
    for swing in (-1, -0.6, -0.2, 0.2, 0.6, 1):
        wave = [
            (
                tied[0] + (far[0] - tied[0]) * t / 60,
                tied[1] + (far[1] - tied[1]) * t / 60 + p.unit * 0.022 * swing * math.sin(TURN * t / 60),
            )
            for t in range(61)
        ]
        trembling.line(wave, p.unit * 0.002, 150)
    p.lay(c.leaf[2], trembling)
    gourd = curve(
        [
            (-0.2, -0.5),
            (0.2, -0.5),
            (0.26, -0.2),
            (0.2, 0),
            (0.42, 0.3),
            (0.3, 0.62),
            (0, 0.7),
            (-0.3, 0.62),
            (-0.42, 0.3),
            (-0.2, 0),
            (-0.26, -0.2),
        ],
        closed=True,
    )
    p.shape(
        ramp(c.leaf[2], mix(c.accent, c.leaf[1], 0.4), mix(c.accent, c.night, 0.6)),
        placed(gourd, tied, (p.unit * 0.13, p.unit * 0.13)),
    )
    p.stroke(c.leaf[2], placed(gourd, tied, (p.unit * 0.13, p.unit * 0.13)), 0.003, 0.7)


def singer(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.3), c.ground, mix(c.ground, c.haze, 0.6), c.haze)
    tall = p.height * 0.66 if p.height <= p.width else p.height * 0.6
    foot = p.at(rng.uniform(0.4, 0.5), 0.93)
    sun = (foot[0] + tall * 0.1, foot[1] - tall * 0.72)
    orb(p, sun, min(p.unit * 0.34, tall * 0.5), p.leaf)
    rings(p, sun, p.unit * 0.38, p.unit * 0.9, 10)
    for depth in range(3):
        hill = curve([p.at(i / 5, 0.76 + 0.07 * depth + rng.uniform(-0.03, 0.03)) for i in range(6)])
        tone = mix(mix(c.ground, c.haze, 0.4), c.night, 0.3 + 0.3 * depth)
        p.shape(ramp(tone, mix(tone, c.night, 0.3)), down_to(hill, p.height))
        p.stroke(p.leaf, hill, 0.003, 0.6)
    figure(p, foot, tall)


def figure(p: Panel, foot: Point, tall: float) -> None:
    """A woman seen from behind, in áo dài and nón lá, singing to the sun; her height in pixels."""
    c = p.colours

    def lay(fill: Fill, points: Sequence[Point], *, rim: bool = True) -> None:
        outline = placed(curve(points, closed=True), foot, (tall, tall))
        p.shape(fill, outline)
        if rim:
            p.stroke(c.leaf[2], [*outline, outline[0]], tall / p.unit * 0.0022, 0.5)

    silk = ramp(mix(c.accent, c.haze, 0.12), c.accent, mix(c.accent, c.night, 0.55))
    lay(
        ramp(c.petal, mix(c.petal, c.night, 0.35)),
        [
            (-0.055, -0.5),
            (0.06, -0.5),
            (0.085, -0.2),
            (0.1, 0),
            (0.01, 0.005),
            (0, -0.05),
            (-0.02, 0),
            (-0.1, 0),
            (-0.075, -0.25),
        ],
    )
    lay(
        silk,
        [
            (-0.05, -0.52),
            (0.0, -0.5),
            (0.1, -0.36),
            (0.24, -0.26),
            (0.4, -0.24),
            (0.33, -0.17),
            (0.2, -0.13),
            (0.06, -0.12),
            (-0.02, -0.2),
            (-0.06, -0.36),
        ],
    )
    lay(
        silk,
        [
            (-0.02, -0.82),
            (0.025, -0.82),
            (0.085, -0.79),
            (0.08, -0.7),
            (0.055, -0.62),
            (0.07, -0.52),
            (0.08, -0.36),
            (0.07, -0.1),
            (-0.02, -0.06),
            (-0.09, -0.1),
            (-0.085, -0.36),
            (-0.07, -0.52),
            (-0.05, -0.62),
            (-0.075, -0.7),
            (-0.085, -0.79),
        ],
    )
    hair = ramp(c.night, mix(c.night, c.foliage, 0.3))
    lay(
        hair,
        [
            (-0.04, -0.92),
            (0.04, -0.92),
            (0.045, -0.84),
            (0.035, -0.72),
            (0.02, -0.58),
            (0, -0.54),
            (-0.02, -0.58),
            (-0.035, -0.72),
            (-0.045, -0.84),
        ],
        rim=False,
    )
    hat = placed(
        [
            (-0.15, -0.885),
            (-0.08, -0.95),
            (0, -1.03),
            (0.08, -0.95),
            (0.15, -0.885),
            (0.08, -0.868),
            (0, -0.862),
            (-0.08, -0.868),
        ],
        foot,
        (tall, tall),
    )
    p.shape(ramp(c.petal, mix(c.petal, c.leaf[1], 0.5), mix(c.leaf[0], c.leaf[1], 0.4)), hat)


def guitar(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.6), c.ground)
    lean = rng.choice((-1, 1)) * rng.uniform(0.42, 0.6) * (1.6 if p.width > p.height else 1)
    size = p.unit * 0.62
    body = p.at(0.5 - 0.1 * math.copysign(1, lean), 0.64 if p.height >= p.width else 0.6)
    orb(p, placed([(0, -0.45)], body, (size, size), lean)[0], p.unit * 0.34, p.leaf)
    hole = placed([(0, -0.1)], body, (size, size), lean)[0]
    rings(p, hole, p.unit * 0.4, p.unit * 1.2, 16)

    def lay(fill: Fill, points: Sequence[Point], rim: float = 0.004) -> None:
        outline = placed(points, body, (size, size), lean)
        p.shape(fill, outline)
        p.stroke(c.leaf[2], [*outline, outline[0]], rim, 0.8)

    half = [
        (0.05, -0.5),
        (0.2, -0.47),
        (0.29, -0.33),
        (0.26, -0.17),
        (0.225, -0.06),
        (0.27, 0.06),
        (0.37, 0.2),
        (0.35, 0.4),
        (0.2, 0.49),
        (0.05, 0.505),
    ]
    box = curve([*half, *[(-x, y) for x, y in reversed(half)]], closed=True)
    p.shape(c.night, placed([(x + 0.03, y + 0.04) for x, y in box], body, (size, size), lean), 0.6)
    lay(ramp(mix(c.accent, c.haze, 0.4), c.accent, mix(c.accent, c.night, 0.65)), box, 0.007)
    glossy = placed([(x * 0.9 - 0.015, y * 0.92) for x, y in box], body, (size, size), lean)
    p.stroke(c.leaf[1], [*glossy, glossy[0]], 0.0016, 0.5)
    neck = [(-0.04, -1.16), (0.04, -1.16), (0.048, -0.2), (-0.048, -0.2)]
    p.shape(c.night, oval(hole, size * 0.105, size * 0.105))
    for radius in (0.112, 0.128, 0.142):
        ring = oval(hole, size * radius, size * radius)
        p.stroke(c.leaf[2], [*ring, ring[0]], 0.0024)
    lay(mix(c.night, c.foliage, 0.2), neck, 0.002)
    lay(
        ramp(c.accent, mix(c.accent, c.night, 0.6)),
        [
            (-0.045, -1.16),
            (-0.065, -1.42),
            (-0.03, -1.45),
            (0, -1.43),
            (0.03, -1.45),
            (0.065, -1.42),
            (0.045, -1.16),
        ],
    )
    lay(c.night, [(-0.15, 0.24), (0.15, 0.24), (0.15, 0.285), (-0.15, 0.285)], 0.003)
    fittings = Stencil()
    for fret in range(1, 17):
        y = 0.22 - 1.38 * 2 ** (-fret / 12)
        fittings.line(placed([(-0.043, y), (0.043, y)], body, (size, size), lean), size * 0.004, 170)
    for k in range(3):
        for side in (-1, 1):
            fittings.polygon(
                oval(
                    placed([(side * 0.09, -1.2 - 0.08 * k)], body, (size, size), lean)[0],
                    size * 0.026,
                    size * 0.014,
                    lean,
                )
            )
    p.lay(c.leaf[1], fittings)
    strings = Stencil()
    for k in range(6):
        x = (k - 2.5) / 2.5
        strings.line(placed([(x * 0.03, -1.16), (x * 0.062, 0.26)], body, (size, size), lean), size * 0.0036)
    p.lay(c.leaf[2], strings)


def waves(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.5), c.ground, mix(c.ground, c.haze, 0.6), c.haze)
    orb(
        p,
        p.at(rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.34)),
        p.unit * rng.uniform(0.2, 0.26),
        rng.choice((p.leaf, p.eggshell)),
    )
    tones, lines = Stencil(), Stencil()
    radius = p.unit * rng.uniform(0.075, 0.1)
    phase, swell = rng.uniform(0, TURN), rng.uniform(0.03, 0.06)
    row, y = 0, p.height * 0.5
    while y < p.height + radius:
        across = math.ceil(p.width / (2 * radius)) + 2
        for i in range(-1, across):
            x = (2 * i + row % 2) * radius
            lift = p.height * swell * math.sin(phase + TURN * x / p.width + row * 0.5)
            crest(tones, lines, (x, y + lift), radius, rng.randint(0, 50))
        row, y = row + 1, y + radius * 0.52
    mask, corner = tones.cut(p.size)
    sea = ImageOps.colorize(mask, c.night, mix(c.haze, c.petal, 0.3), mix(c.ground, c.foliage, 0.5))
    p.press(lambda size: sea, mask.point(lambda v: 255 if v > 8 else v * 31), corner)
    p.lay(p.leaf, lines, 0.9)
    p.glow(c.night, p.at(0.5, 1.1), (p.width * 0.9, p.height * 0.4), 0.6, 1)


def crest(tones: Stencil, lines: Stencil, centre: Point, radius: float, lightness: int) -> None:
    """One scale of the sea: ring within ring, as on the hem of a court robe."""
    for k, tone in enumerate((70, 150, 60, 190, 90)):
        size = radius * (1 - 0.2 * k)
        tones.disc(centre, size, min(255, tone + lightness))
        lines.disc(centre, size)
        lines.disc(centre, size - radius * 0.035, 0)


def bamboo(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.ground, mix(c.ground, c.haze, 0.7), c.haze, mix(c.ground, c.haze, 0.3))
    orb(
        p,
        p.at(rng.uniform(0.3, 0.7), rng.uniform(0.26, 0.36)),
        p.unit * rng.uniform(0.18, 0.24),
        rng.choice((p.leaf, p.eggshell)),
    )
    spread = round(7 * p.width / p.unit)
    for depth in range(3):
        tone = mix(mix(c.foliage, c.haze, 0.62), mix(c.foliage, c.night, 0.35), depth / 2)
        places = [(i + rng.uniform(0.1, 0.9)) / (spread - depth * 2) for i in range(spread - depth * 2)]
        for x in places:
            # The front row leaves the moon to be seen.
            if depth < 2 or not 0.3 < x < 0.7:
                culm(p, x, p.unit * (0.012 + 0.012 * depth), tone, depth)
    p.glow(c.haze, p.at(0.5, 1), (p.width * 0.9, p.height * 0.2), 0.6, 1)


def culm(p: Panel, x: float, thick: float, tone: Colour, depth: int) -> None:
    """A bamboo stalk from the foot of the panel past its head; its half thickness in pixels."""
    c, rng = p.colours, p.rng
    lean, joint = rng.uniform(-0.05, 0.05), rng.uniform(0.11, 0.17) * (0.7 + 0.3 * depth)
    y = 1 + rng.uniform(0, 0.1)
    light = ramp(mix(tone, c.night, 0.45), mix(tone, c.leaf[2], 0.35), tone, mix(tone, c.night, 0.6), sideways=True)
    nodes, leaves = Stencil(), Stencil()
    while y > -0.1:
        low, high = p.at(x + lean * (1 - y), y), p.at(x + lean * (1 - y + joint), y - joint)
        p.shape(
            light,
            [
                (low[0] - thick, low[1]),
                (low[0] - thick * 0.88, (low[1] + high[1]) / 2),
                (high[0] - thick, high[1]),
                (high[0] + thick, high[1]),
                (low[0] + thick * 0.88, (low[1] + high[1]) / 2),
                (low[0] + thick, low[1]),
            ],
        )
        nodes.line([(high[0] - thick * 1.15, high[1]), (high[0] + thick * 1.15, high[1])], thick * 0.22)
        if y < 0.75 and rng.random() < 0.75:
            spray(leaves, rng, high, thick * 9)
        y -= joint
    p.lay(p.leaf, nodes, 0.25 + 0.3 * depth)
    p.lay(mix(tone, c.night, 0.2), leaves)


def spray(leaves: Stencil, rng: Random, at: Point, reach: float) -> None:
    """A twig with its blades; the reach in pixels."""
    side = rng.choice((-1, 1))
    tip = (at[0] + side * reach * rng.uniform(0.5, 0.9), at[1] - reach * rng.uniform(0.1, 0.5))
    leaves.line([at, tip], reach * 0.016)
    blade = curve([(0, 0), (0.25, -0.075), (0.6, -0.06), (1, 0), (0.6, 0.045), (0.25, 0.05)], closed=True, steps=6)
    for _ in range(rng.randint(4, 7)):
        turn = math.pi / 2 - side * rng.uniform(-0.5, 1.5)
        leaves.polygon(placed(blade, tip, (reach * rng.uniform(0.6, 1.1),) * 2, turn))


def drum(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.ground, mix(c.ground, c.night, 0.45), c.night)
    whole = rng.random() < 0.5
    radius = p.unit * (0.45 if whole else rng.uniform(0.62, 0.72))
    centre = p.at(0.5, 0.5) if whole else p.at(rng.choice((0.3, 0.7)), rng.choice((0.36, 0.64)))
    p.glow(mix(c.accent, c.leaf[1], 0.5), centre, (radius * 2, radius * 2), 0.6)
    rings(p, centre, radius * 1.08, radius * 2.4, 18)
    p.shape(mix(c.night, c.ground, 0.25), oval(centre, radius, radius))
    p.shape(p.leaf, oval(centre, radius, radius), 0.14)
    face = Stencil()
    turn = rng.uniform(0, TURN)
    for size in (0.995, 0.935, 0.8, 0.775, 0.6, 0.575, 0.485, 0.345, 0.33):
        face.disc(centre, radius * size)
        face.disc(centre, radius * (size - 0.008), 0)
    teeth(face, centre, radius, (0.815, 0.925), 132)
    teeth(face, centre, radius, (0.355, 0.4), 72)
    for k in range(40):
        spot = placed([(0.442, 0)], centre, (radius, radius), turn + TURN * k / 40)[0]
        for size, tone in ((0.03, 255), (0.021, 0), (0.01, 255)):
            face.disc(spot, radius * size, tone)
    zigzag = [
        placed([(0.5 if k % 2 else 0.56, 0)], centre, (radius, radius), turn + TURN * k / 96)[0] for k in range(97)
    ]
    face.line(zigzag, radius * 0.009)
    bird = [
        (0.72, 0.02),
        (0.34, -0.06),
        (0.1, -0.24),
        (0.18, -0.06),
        (0.02, -0.09),
        (-0.12, -0.5),
        (-0.3, -0.46),
        (-0.24, -0.1),
        (-0.76, -0.2),
        (-0.7, 0.12),
        (-0.2, 0.08),
        (-0.16, 0.42),
        (0.04, 0.38),
        (0.06, 0.09),
        (0.3, 0.04),
    ]
    for k in range(18):
        angle = turn + TURN * k / 18
        spot = placed([(0.688, 0)], centre, (radius, radius), angle)[0]
        face.polygon(placed(bird, spot, (radius * 0.105, radius * 0.145), angle + math.pi / 2))
        face.disc(
            placed([(0.26, -0.02)], spot, (radius * 0.105, radius * 0.145), angle + math.pi / 2)[0],
            radius * 0.006,
            0,
        )
    star(face, centre, radius, turn)
    p.lay(p.leaf, face)
    p.glow(c.leaf[2], centre, (radius * 0.4, radius * 0.4), 0.5)


def teeth(face: Stencil, centre: Point, radius: float, span: tuple[float, float], count: int) -> None:
    for k in range(count):
        face.line(placed([(span[0], 0), (span[1], 0)], centre, (radius, radius), TURN * k / count), radius * 0.009)


def star(face: Stencil, centre: Point, radius: float, turn: float) -> None:
    """The fourteen-rayed sun in the middle of a Đông Sơn drum, a feather between each two rays."""
    rays = 14
    for k in range(rays):
        between = turn + TURN * (k + 0.5) / rays
        for inner in (0.2, 0.24, 0.28):
            face.line(
                placed(
                    [(inner + 0.035, -0.03), (inner, 0), (inner + 0.035, 0.03)],
                    centre,
                    (radius, radius),
                    between,
                ),
                radius * 0.008,
            )
    points = [
        placed([(0.3 if k % 2 == 0 else 0.115, 0)], centre, (radius, radius), turn + TURN * k / rays / 2)[0]
        for k in range(2 * rays)
    ]
    face.polygon(points)


def blossom(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.2), c.ground, mix(c.ground, c.haze, 0.55))
    side = rng.choice((-1, 1))
    orb(
        p,
        p.at(0.5 + side * rng.uniform(0.05, 0.16), rng.uniform(0.32, 0.4)),
        p.unit * rng.uniform(0.24, 0.3),
        rng.choice((p.leaf, p.eggshell)),
    )
    tips: list[Point] = []
    wood = Stencil()
    start = p.at(0.5 - side * 0.54, 0.86)
    grow(wood, tips, rng, start, -math.pi / 2 + side * 0.85, p.unit * 0.3, p.unit * 0.034)
    p.lay(ramp(mix(c.night, c.foliage, 0.4), c.night), wood)
    hues = (c.petal, mix(c.petal, c.accent, 0.35)) if rng.random() < 0.5 else (c.leaf[2], c.leaf[1])
    rng.shuffle(tips)
    for spot in tips[:46]:
        flower(p, spot, p.unit * rng.uniform(0.02, 0.042), hues)
    for _ in range(16):
        spot, size = p.at(rng.random(), rng.uniform(0.3, 1)), p.unit * rng.uniform(0.006, 0.013)
        p.shape(ramp(*hues), oval(spot, size, size * 0.55, rng.uniform(0, TURN)), 0.8)


def grow(wood: Stencil, tips: list[Point], rng: Random, at: Point, heading: float, length: float, thick: float) -> None:  # noqa: PLR0913
    """A branch and its twigs; places for flowers are added to `tips`. Lengths in pixels."""
    steps = 9
    for step in range(steps):
        heading += rng.uniform(-0.2, 0.2)
        end = (at[0] + math.cos(heading) * length / steps, at[1] + math.sin(heading) * length / steps)
        wood.line([at, end], thick)
        wood.disc(end, thick * 0.5)
        at, thick = end, thick * 0.95
        if length < 330 and step % 3 == 2:
            tips.append(at)
    if length > 90:
        for turn in (rng.uniform(-0.8, -0.35), rng.uniform(0.2, 0.7), rng.uniform(-0.15, 0.15)):
            grow(wood, tips, rng, at, heading + turn, length * rng.uniform(0.55, 0.78), thick * 0.72)


def flower(p: Panel, centre: Point, size: float, hues: tuple[Colour, Colour]) -> None:
    """Five round petals; the size in pixels from the heart to a petal's edge."""
    c, turn = p.colours, p.rng.uniform(0, TURN)
    for k in range(5):
        angle = turn + TURN * k / 5
        petal = oval(placed([(0.55, 0)], centre, (size, size), angle)[0], size * 0.5, size * 0.44, angle)
        p.shape(ramp(hues[0], hues[1]), petal)
        p.stroke(mix(hues[1], c.night, 0.45), [*petal, petal[0]], 0.0009, 0.6)
    heart = Stencil()
    for k in range(12):
        spot = placed([(0.38 if k % 2 else 0.28, 0)], centre, (size, size), turn + TURN * k / 12)[0]
        heart.line([centre, spot], size * 0.03)
        heart.disc(spot, size * 0.05)
    p.lay(c.accent, heart)


MOTIFS = (ha_long, lotus, lanterns, terraces, zither, monochord, singer, guitar, waves, bamboo, drum, blossom)


def draw(seed: int, *, size: Size = (1600, 2000)) -> bytes:
    rng = Random(seed)  # noqa: S311 - pictures, not secrets
    motif, palette = MOTIFS[seed % len(MOTIFS)], PALETTES[(seed + seed // len(MOTIFS)) % len(PALETTES)]
    panel = Panel(rng, palette, size)
    motif(panel)
    file = io.BytesIO()
    panel.polish().save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
