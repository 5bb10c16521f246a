"""Pictures for the demo gallery, in the manner of sơn mài, Vietnamese lacquer painting.

They stand in for entrants' photos, so that a demo shows no real person. The motifs are here, the craft is in
lacquer.py.
"""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from PIL import ImageChops, ImageOps

from demo.pageant.lacquer import (
    JPEG_QUALITY,
    PALETTES,
    SILVER,
    SMOOTH,
    TURN,
    Colour,
    Fill,
    Frame,
    Palette,
    Panel,
    Point,
    Size,
    Stencil,
    curve,
    halo,
    loop,
    mirrored,
    mix,
    oval,
    path,
    ramp,
    shifted,
)


def orb(p: Panel, centre: Point, radius: float, fill: Fill | None = None) -> None:
    """A sun or a moon with its light, in leaf or eggshell unless `fill` is given; the radius in pixels."""
    light = mix(p.colours.haze, p.colours.leaf[2], 0.5)
    p.glow(light, centre, (radius * 3.4, radius * 3.4), 0.5)
    p.glow(light, centre, (radius * 1.5, radius * 1.5), 0.6, 1)
    p.shape(fill or p.rng.choice((p.leaf, p.eggshell)), oval(centre, radius, radius))


def rings(p: Panel, centre: Point, first: float, last: float, count: int) -> None:
    """Sound spreading in fainter and fainter rings; radii in pixels."""
    sound = Stencil()
    for i in range(count):
        t = i / (count - 1)
        radius = first + (last - first) * t
        sound.line(loop(oval(centre, radius, radius)), p.unit * (0.004 - 0.0025 * t), round(210 * (1 - t) + 36))
    p.lay(p.colours.leaf[1], sound)


def down_to(edge: list[Point], y: float) -> list[Point]:
    """The area between an edge that crosses the panel and the height `y`, in pixels."""
    return [*edge, (edge[-1][0], y), (edge[0][0], y)]


def ha_long(p: Panel) -> None:
    c, rng = p.colours, p.rng
    sea, side = rng.uniform(0.62, 0.68), rng.uniform(0.28, 0.72)
    p.ground(c.night, c.ground, mix(c.ground, c.haze, 0.7), c.haze)
    orb(p, p.at(side, rng.uniform(0.2, 0.28)), p.unit * rng.uniform(0.1, 0.15))
    for depth in range(4):
        near = depth / 3
        edge = skyline(p, sea - 0.04 + 0.05 * near, rng.uniform(0.22, 0.34) + 0.06 * near, 6 - depth)
        rock = mix(mix(c.ground, c.haze, 0.55), c.night, near * 0.9)
        p.shape(ramp(rock, rock, mix(rock, c.haze, 0.75)), down_to(edge, p.height * (sea + 0.02)))
        p.stroke(p.leaf, edge, 0.0022, 0.25 + 0.4 * near)
    water = [p.at(0, sea), p.at(1, sea), p.at(1, 1), p.at(0, 1)]
    p.shape(ramp(mix(c.haze, c.ground, 0.4), c.ground, c.night, c.night), water)
    shimmer(p, side, sea)
    keel = p.at(1 - side + rng.uniform(-0.08, 0.08), rng.uniform(0.78, 0.84))
    junk(p, Frame(keel, p.unit * rng.uniform(0.2, 0.28)))


def skyline(p: Panel, base: float, rise: float, peaks: int) -> list[Point]:
    """The edge of steep limestone towers; base and rise as fractions of the height."""
    rng = p.rng
    places = [(i + rng.uniform(0.1, 0.9)) / peaks * 1.2 - 0.1 for i in range(peaks)]
    towers = [(at, rng.uniform(0.3, 0.62) / peaks, rng.uniform(0.3, 1)) for at in places]
    rough = [y for _, y in curve([(i, rng.uniform(-0.05, 0.05)) for i in range(32)], steps=8)]
    edge = []
    for i in range(241):
        reach = max(tall * math.exp(-(abs((i / 240 - at) / broad) ** 2.6)) for at, broad, tall in towers)
        edge.append(p.at(i / 240, base - rise * (reach * (1 + 2 * rough[i]) + rough[i] * 0.4)))
    return edge


def shimmer(p: Panel, x: float, top: float) -> None:
    """The broken path of light on the water below an orb; fractions of the panel."""
    light = Stencil()
    for i in range(70):
        depth = (i / 70) ** 1.4
        reach = p.unit * p.rng.uniform(0.01, 0.05 + 0.1 * depth)
        middle = p.at(x + p.rng.gauss(0, 0.027 + 0.063 * depth), top + (1 - top) * depth)
        light.polygon(oval(middle, reach, p.unit * (0.0012 + 0.0028 * depth)), p.rng.randint(50, 200))
    p.lay(p.colours.leaf[2], light)


HULL = curve(path("-.5 -.14, -.3 -.03, 0 0, .3 -.03, .56 -.2, .4 -.13, 0 -.1, -.36 -.1"), closed=True)
SAILS = (  # each from the foot of its mast to the top, then down the outer edge
    path("-.08 -.16, -.02 -1, .22 -.86, .38 -.5, .34 -.18"),
    path("-.46 -.2, -.36 -.72, -.2 -.64, -.13 -.4, -.14 -.18"),
    path("0.4 -.26, .42 -.62, .54 -.52, .6 -.28, .54 -.24"),
)


def junk(p: Panel, frame: Frame) -> None:
    """A junk under sail; the frame's origin is the middle of its keel."""
    c = p.colours
    reflection = Frame(frame.origin, frame.size, flat=-0.5)
    p.shape(c.night, shifted(reflection.put(HULL), 0, frame.size * 0.02), 0.5)
    for foot, *outer in SAILS:
        leech = curve(outer)
        p.shape(ramp(c.leaf[2], c.accent, mix(c.accent, c.night, 0.5)), frame.put([*leech, foot]))
        battens = Stencil()
        for k in range(1, 6):
            mast = tuple(a + (b - a) * k / 6 for a, b in zip(outer[0], foot, strict=True))
            battens.line(frame.put([mast, leech[round(k / 6 * (len(leech) - 1))]]), frame.size * 0.008)
        p.lay(c.night, battens, 0.7)
    p.shape(c.night, frame.put(HULL))
    gunwale = frame.put(path("-.5 -.14, -.36 -.09, 0 -.09, .4 -.12, .56 -.2"))
    p.stroke(c.leaf[1], gunwale, frame.size / p.unit * 0.012)


def lotus(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.haze, 0.35), c.ground, mix(c.ground, c.night, 0.5), c.night)
    orb(p, p.at(rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.2)), p.unit * 0.1)
    ripples = Stencil()
    for _ in range(60):
        middle = p.at(rng.random(), rng.uniform(0.3, 1))
        ripples.polygon(oval(middle, p.unit * rng.uniform(0.03, 0.16), p.unit * 0.0014), 70)
    p.lay(c.leaf[1], ripples)
    rows, places = 6, [0.22, 0.7, 0.42]
    blooms = rng.sample(range(1, rows), 3)
    for row in range(rows):
        depth = row / (rows - 1)
        for _ in range(3 if depth < 0.7 else 2):
            middle = p.at(rng.uniform(-0.05, 1.05), 0.42 + 0.56 * depth + rng.uniform(-0.03, 0.03))
            reach = p.unit * (0.09 + 0.17 * depth) * rng.uniform(0.8, 1.2)
            lotus_leaf(p, Frame(middle, reach, flat=0.24 + 0.12 * depth))
        if row in blooms:
            x = places.pop(0) + rng.uniform(-0.08, 0.08)
            foot, head = p.at(x, 0.5 + 0.56 * depth), p.at(x + rng.uniform(-0.04, 0.04), 0.36 + 0.3 * depth)
            bend = ((foot[0] + head[0]) / 2 + p.unit * 0.02, (foot[1] + head[1]) / 2)
            p.stroke(mix(c.foliage, c.night, 0.3), curve([foot, bend, head]), 0.008)
            lotus_flower(p, head, p.unit * (0.11 + 0.1 * depth))


def lotus_leaf(p: Panel, frame: Frame) -> None:
    """A floating leaf with its notch and its veins."""
    c, rng, reach = p.colours, p.rng, frame.size
    notch = rng.uniform(0, TURN)
    around = [0.06 + i / 90 * (TURN - 0.12) for i in range(91)]
    rim = [Frame((0, 0), 1, notch + a).spot(1 + 0.025 * math.sin(i * 0.9)) for i, a in enumerate(around)]
    outline = frame.put([(0, 0), *rim])
    p.shape(c.night, shifted(outline, reach * 0.03, reach * 0.07), 0.55)
    lit = mix(c.foliage, c.haze, rng.uniform(0.1, 0.3))
    p.shape(ramp(lit, c.foliage, mix(c.foliage, c.night, 0.6)), outline)
    veins = Stencil()
    for i in range(16):
        ray = Frame((0, 0), 1, notch + TURN * (i + 0.5) / 16)
        veins.line(frame.put([ray.spot(0.04), ray.spot(0.92)]), reach * 0.008, 150)
    veins.line(loop(outline), reach * 0.014)
    p.lay(p.leaf, veins, 0.75)


LOTUS_PETAL = curve(mirrored(path("0 -1.02, .07 -.92, .2 -.62, .17 -.3, 0 0")), closed=True)
LOTUS_ROWS = (  # spread to either side in radians, petals, height, share of shadow
    (1.3, 9, 0.86, 0.45),
    (1.0, 8, 1.0, 0.25),
    (0.5, 5, 0.98, 0.1),
    (0.95, 4, 0.66, 0),
)


def lotus_flower(p: Panel, base: Point, reach: float) -> None:
    """An open flower rising from `base`; the reach of its petals in pixels."""
    c = p.colours
    p.glow(c.petal, (base[0], base[1] - reach * 0.5), (reach * 1.5, reach * 1.3), 0.32)
    for spread, count, tall, dim in LOTUS_ROWS:
        tip = mix(mix(c.accent, c.petal, 0.35), c.night, dim)
        fill = ramp(tip, mix(c.petal, c.night, dim), mix(c.petal, c.leaf[1], 0.4))
        places = (2 * i / (count - 1) - 1 for i in range(count))
        for place in sorted(places, key=abs, reverse=True):
            turn = spread * place
            petal = Frame(base, reach * 1.08, turn, tall * (1 - 0.1 * abs(turn))).put(LOTUS_PETAL)
            p.shape(fill, petal)
            p.stroke(c.leaf[2], loop(petal), reach / p.unit * 0.008, 0.7)


SILKS = ((198, 40, 28), (222, 132, 38), (208, 78, 104), (128, 142, 58), (58, 118, 140))
LANTERNS = (  # right sides, from the upper cap to the lower
    path(".3 -.5, .52 -.3, .6 0, .52 .3, .3 .5"),
    path(".3 -.72, .42 -.5, .46 0, .42 .5, .3 .72"),
    path(".24 -.62, .44 -.4, .62 0, .36 .42, .18 .66"),
    path(".2 -.42, .66 -.14, .72 .02, .6 .18, .2 .42"),
)


def lanterns(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.6), c.ground, mix(c.ground, c.night, 0.6))
    silks = (SILKS[0], SILKS[0], *rng.sample(SILKS[1:], 3))
    for _ in range(26):
        blur = p.unit * rng.uniform(0.02, 0.07)
        light = mix(rng.choice(silks), c.leaf[2], 0.4)
        p.glow(light, p.at(rng.random(), rng.uniform(0.3, 1)), (blur, blur), rng.uniform(0.1, 0.4), 0.5)
    for row in range(4):
        size, count = p.unit * (0.055 + 0.025 * row), 6 - row
        left, right = (0.04 + 0.17 * row + rng.uniform(0, 0.1) for _ in range(2))
        sag = [left + (right - left) * t / 40 + 0.1 * math.sin(math.pi * t / 40) for t in range(41)]
        cord = [p.at(t / 40, y) for t, y in enumerate(sag)]
        p.stroke(c.leaf[0], cord, 0.003)
        shift = rng.uniform(-0.3, 0.3)
        for i in range(count):
            x, y = cord[min(40, max(0, round(40 * (i + 0.5 + shift) / count)))]
            p.stroke(c.leaf[0], [(x, y), (x, y + size * 0.8)], 0.003)
            lantern(p, Frame((x, y + size * 1.2), size), rng.choice(silks))


def lantern(p: Panel, frame: Frame, silk: Colour) -> None:
    """A lit silk lantern, some two sizes tall with its tassel."""
    c, size = p.colours, frame.size
    side = curve(p.rng.choice(LANTERNS))
    outline = frame.put(mirrored(side))
    flame, edge = mix(silk, (255, 234, 160), 0.84), mix(silk, c.night, 0.3)
    p.glow(mix(silk, flame, 0.5), frame.origin, (size * 2.8, size * 2.8), 0.6)
    body = Stencil()
    body.polygon(outline)
    p.lay(ramp(edge, silk, silk, edge, sideways=True), body)
    if cut := body.cut(p.size):
        mask, corner = cut
        p.press(flame, ImageChops.multiply(mask, halo(0.75).resize(mask.size, SMOOTH)), corner)
    ribs = Stencil()
    for k in (-1, -0.72, -0.36, 0, 0.36, 0.72, 1):
        ribs.line(frame.put([(x * k, y) for x, y in side]), size * 0.018, 190)
    p.lay(mix(silk, c.night, 0.3), ribs, 0.55)
    fittings = Stencil()
    for x, y in (side[0], side[-1]):
        fittings.polygon(frame.put(mirrored([(x * 1.05, y - 0.05), (x * 1.05, y + 0.05)])))
    foot = side[-1][1]
    for k in range(-3, 4):
        thread = [(k * 0.012, foot), (k * 0.012, foot + 0.22), (k * 0.03, foot + 0.62)]
        fittings.line(frame.put(thread), size * 0.014)
    p.lay(p.leaf, fittings)


def terraces(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.ground, mix(c.ground, c.haze, 0.6), c.haze, c.haze)
    orb(p, p.at(rng.uniform(0.25, 0.75), 0.2), p.unit * rng.uniform(0.09, 0.14), p.leaf)
    for depth in range(2):
        ridge = curve([p.at(i / 6, 0.36 + 0.06 * depth + rng.uniform(-0.07, 0.05)) for i in range(7)])
        rock = mix(mix(c.ground, c.haze, 0.5), c.foliage, 0.3 + 0.3 * depth)
        p.shape(ramp(rock, mix(rock, c.haze, 0.8)), down_to(ridge, p.height * 0.62))
    peaks = [rng.uniform(0.1, 0.3), rng.uniform(0.7, 0.95), rng.uniform(0.3, 0.6)]
    if rng.random() < 0.5:
        peaks = [1 - peak for peak in peaks]
    for near, (peak, top) in enumerate(zip(peaks, (0.42, 0.5, 0.7), strict=True)):
        hillside(p, peak, top, near)


def hillside(p: Panel, peak: float, top: float, near: int) -> None:
    """Rice terraces stepping down from a peak, some under water; fractions of the panel."""
    c, rng, steps = p.colours, p.rng, 9
    wobble = [y * 0.014 for _, y in curve([(i, rng.uniform(-1, 1)) for i in range(12)], steps=11)]
    banks = []
    for step in range(steps):
        drop, bank = (step / steps) ** 1.25, []
        for i in range(101):
            slope = abs(i / 100 - peak) ** 1.5 * (0.75 - 0.5 * drop)
            ripple = wobble[i] * (0.5 + drop) + 0.006 * math.sin(i * 0.19 + step * 1.3)
            bank.append(p.at(i / 100, top + drop * 0.42 + slope + ripple))
        banks.append(bank)
    for step, (bank, below) in enumerate(zip(banks, [*banks[1:], [p.at(0, 1), p.at(1, 1)]], strict=True)):
        wet = (step + near) % 3 == 1
        field = mix(c.haze, c.ground, 0.15) if wet else mix(c.foliage, c.leaf[1], rng.uniform(0.05, 0.5))
        field = mix(field, c.night, 0.1 * near + 0.15 * step / steps)
        p.shape(ramp(field, mix(field, c.night, 0.55)), [*bank, *reversed(below)])
    edges, shade = Stencil(), Stencil()
    for bank in banks:
        shade.line(shifted(bank, 0, p.unit * 0.006), p.unit * 0.006)
        edges.line(bank, p.unit * 0.0036)
    p.lay(c.night, shade, 0.35)
    p.lay(p.leaf, edges, 0.85)


def zither(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.3), c.ground, mix(c.ground, c.night, 0.6), c.night)
    lean = rng.choice((-1, 1))
    moon = p.at(0.5 + lean * rng.uniform(0.1, 0.26), rng.uniform(0.18, 0.24))
    orb(p, moon, p.unit * rng.uniform(0.1, 0.15))
    rings(p, moon, p.unit * 0.17, p.unit * 1.1, 18)
    board = Board(p.at(0.5, rng.uniform(0.56, 0.64)), p, lean * rng.uniform(0.36, 0.66))
    edge = [board.spot(u / 20, -1 - 0.07 * math.cos(u / 13)) for u in range(-20, 21)]
    edge += [board.spot(1, 1), board.spot(-1, 1)]
    p.shape(c.night, shifted(edge, 0, p.unit * 0.04), 0.5)
    wood = mix(c.accent, c.night, 0.2)
    p.shape(ramp(mix(c.accent, c.haze, 0.25), wood, mix(c.accent, c.night, 0.7)), edge)
    p.stroke(p.leaf, loop(edge), 0.012)
    inlay = Stencil()
    for u in (-0.7, -0.56, 0.56, 0.7):
        for v in (-0.75, 0, 0.75):
            for k in range(6):
                petal = Frame(board.spot(u, v), p.unit, TURN * k / 6)
                inlay.polygon(oval(petal.spot(0.015), p.unit * 0.011, p.unit * 0.005, petal.turn))
    p.lay(c.petal, inlay, 0.85)
    pluck(p, board, rng.sample(range(16), 4))


@dataclass(frozen=True)
class Board:
    """The soundboard of a đàn tranh, from -1 to 1 along and across; it narrows to the right."""

    middle: Point
    panel: Panel
    turn: float

    def spot(self, along: float, across: float) -> Point:
        frame = Frame(self.middle, 1, self.turn)
        half = self.panel.unit * (0.25 - 0.05 * along)
        return frame.spot(along * math.hypot(*self.panel.size) / 2, across * half)


def pluck(p: Panel, board: Board, plucked: Sequence[int]) -> None:
    """Sixteen strings, each over its own bridge; those plucked tremble beyond it."""
    strings, bridges, trembling = Stencil(), Stencil(), Stencil()
    bridge = path("-.014 .016, 0 -.026, .014 .016, .007 .016, 0 .002, -.007 .016")
    for i in range(16):
        across, rest = -0.86 + 1.72 * i / 15, -0.5 + 0.9 * i / 15
        strings.line([board.spot(-1, across), board.spot(1, across)], p.unit * 0.0028)
        bridges.polygon(Frame(board.spot(rest, across), p.unit).put(bridge))
        for swing in (-1, -0.5, 0.5, 1) if i in plucked else ():
            reach = [(rest + (1 - rest) * k / 40, 0.05 * swing * math.sin(math.pi * k / 40)) for k in range(41)]
            trembling.line([board.spot(u, across + v) for u, v in reach], p.unit * 0.0016, 130)
    p.lay(p.colours.leaf[2], trembling)
    p.lay(p.colours.leaf[2], strings)
    p.lay(p.colours.petal, bridges)


GOURD = curve(mirrored(path(".2 -.5, .26 -.2, .2 0, .42 .3, .3 .62, 0.02 .7")), closed=True)


def monochord(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.7), c.ground, mix(c.ground, c.night, 0.7))
    flip = rng.choice((-1, 1))

    def spot(x: float, y: float) -> Point:
        return p.at(0.5 + flip * (x - 0.5), y)

    orb(p, spot(rng.uniform(0.56, 0.72), rng.uniform(0.28, 0.34)), p.unit * rng.uniform(0.18, 0.23))
    harmonic = spot(0.46, 0.63)
    rings(p, harmonic, p.unit * 0.04, p.unit * 1.2, 26)
    p.glow(c.leaf[2], harmonic, (p.unit * 0.2, p.unit * 0.2), 0.5)
    p.glow(c.night, p.at(0.5, 0.89), (p.width * 0.5, p.height * 0.05), 0.7, 1)
    box = [spot(0.1, 0.78), spot(0.92, 0.792), spot(0.92, 0.855), spot(0.1, 0.88)]
    p.shape(ramp(mix(c.accent, c.haze, 0.3), c.accent, mix(c.accent, c.night, 0.6)), box)
    p.stroke(p.leaf, loop(box), 0.008)
    inlay = Stencil()
    for k in range(9):
        inlay.polygon(oval(spot(0.2 + 0.08 * k, 0.828), p.unit * 0.022, p.unit * 0.007, 0.5 * flip))
        inlay.polygon(oval(spot(0.22 + 0.08 * k, 0.826), p.unit * 0.016, p.unit * 0.006, -0.5 * flip))
    p.lay(c.petal, inlay, 0.9)
    rod = curve([spot(0.16, 0.8), spot(0.165, 0.6), spot(0.15, 0.42), spot(0.09, 0.24), spot(0, 0.15)])
    p.stroke(c.night, shifted(rod, p.unit * 0.008, 0), 0.02, 0.6)
    p.stroke(p.leaf, rod, 0.014)
    tied, far = spot(0.158, 0.5), spot(0.86, 0.79)
    string = Frame(tied, math.dist(tied, far), math.atan2(far[1] - tied[1], far[0] - tied[0]))
    trembling = Stencil()
    for swing in (-1, -0.6, -0.2, 0.2, 0.6, 1):
        wave = [(t / 60, 0.022 * swing * math.sin(TURN * t / 60)) for t in range(61)]
        trembling.line(string.put(wave), p.unit * 0.002, 150)
    p.lay(c.leaf[2], trembling)
    gourd = Frame(tied, p.unit * 0.13).put(GOURD)
    p.shape(ramp(c.leaf[2], mix(c.accent, c.leaf[1], 0.4), mix(c.accent, c.night, 0.6)), gourd)
    p.stroke(c.leaf[2], loop(gourd), 0.003, 0.7)


def singer(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.3), c.ground, mix(c.ground, c.haze, 0.6), c.haze)
    facing = rng.choice((-1, 1))
    tall = p.height * rng.uniform(0.56, 0.64)
    foot = p.at(0.5 - facing * rng.uniform(0.02, 0.12), 0.93)
    sun = (foot[0] + facing * tall * rng.uniform(0.04, 0.2), foot[1] - tall * 0.72)
    orb(p, sun, min(p.unit * 0.34, tall * 0.5), p.leaf)
    rings(p, sun, p.unit * 0.38, p.unit * 0.9, 10)
    if rng.random() < 0.6:
        birds(p, (sun[0] + facing * p.unit * 0.16, sun[1] - p.unit * 0.12), facing)
    for depth in range(3):
        hill = curve([p.at(i / 5, 0.76 + 0.07 * depth + rng.uniform(-0.03, 0.03)) for i in range(6)])
        tone = mix(mix(c.ground, c.haze, 0.4), c.night, 0.3 + 0.3 * depth)
        p.shape(ramp(tone, mix(tone, c.night, 0.3)), down_to(hill, p.height))
        p.stroke(p.leaf, hill, 0.003, 0.6)
    figure(p, foot, tall, facing)


def birds(p: Panel, first: Point, facing: int) -> None:
    """A skein of storks; they fly the way the wind blows."""
    skein = Stencil()
    bird = path("-1 -.5, -.4 -.34, 0 0, .34 -.4, .8 -.62, .36 -.18, .1 .12, .44 .3, .06 .22, -.12 .16, -.46 -.18")
    for k in range(p.rng.randint(4, 7)):
        rank = (k + 1) // 2
        place = (first[0] - facing * rank * p.unit * 0.05, first[1] + (k % 2 * 2 - 1) * rank * p.unit * 0.026)
        wing = Frame(place, facing * p.unit * 0.022, p.rng.uniform(-0.2, 0.2), flat=facing)
        skein.polygon(wing.put(bird))
    p.lay(p.colours.night, skein, 0.8)


TROUSERS = mirrored(path(".07 -.3, .075 -.1, .105 0, .055 .007, .014 0, .004 -.06"))
TAIL = curve(
    path("-.05 -.52, 0 -.5, .1 -.36, .24 -.27, .42 -.28, .36 -.19, .2 -.12, .06 -.1, -.02 -.2, -.06 -.36"),
    closed=True,
)
TUNIC = curve(
    mirrored(path(".025 -.82, .085 -.79, .08 -.7, .055 -.62, .07 -.52, .085 -.36, .082 -.1, .03 -.05")),
    closed=True,
)
HAIR = curve(mirrored(path(".04 -.92, .046 -.84, .036 -.72, .02 -.58, .004 -.54")), closed=True)
HAT = mirrored(path(".004 -1.03, .078 -.95, .15 -.885, .08 -.868, .004 -.862"))


def figure(p: Panel, foot: Point, tall: float, facing: int) -> None:
    """A singer in áo dài and nón lá, seen from behind, the wind in her dress; her height in pixels."""
    c = p.colours
    frame = Frame(foot, tall * facing, flat=facing)
    silk = p.rng.choice((c.accent, c.accent, mix(c.petal, c.haze, 0.2)))

    def dress(fill: Fill, points: list[Point]) -> None:
        outline = frame.put(points)
        p.shape(fill, outline)
        p.stroke(c.leaf[2], loop(outline), tall / p.unit * 0.0022, 0.5)

    cloth = ramp(mix(silk, c.haze, 0.12), silk, mix(silk, c.night, 0.5))
    dress(ramp(mix(c.petal, c.night, 0.15), mix(c.petal, c.night, 0.45)), TROUSERS)
    dress(cloth, TAIL)
    dress(cloth, TUNIC)
    p.shape(ramp(c.night, mix(c.night, c.foliage, 0.3)), frame.put(HAIR))
    p.shape(ramp(c.petal, mix(c.petal, c.leaf[1], 0.5), mix(c.leaf[0], c.leaf[1], 0.4)), frame.put(HAT))
    hoops = Stencil()
    for k in range(1, 6):
        half = 0.15 * k / 6
        hoops.line(
            frame.put([(-half, -1.03 + 0.97 * half), (0, -1.018 + 0.97 * half), (half, -1.03 + 0.97 * half)]),
            1.4,
        )
    p.lay(c.leaf[0], hoops, 0.45)


GUITAR = curve(
    mirrored(path(".05 -.5, .2 -.47, .29 -.33, .26 -.17, .225 -.06, .27 .06, .37 .2, .35 .4, .2 .49, .05 .505")),
    closed=True,
)
HEADSTOCK = mirrored(path(".045 -1.16, .065 -1.42, .03 -1.45, .004 -1.43"))


def guitar(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.6), c.ground)
    wide = p.width > p.height
    side = rng.choice((-1, 1))
    frame = Frame(
        p.at(0.5 - 0.1 * side, 0.6 if wide else 0.64),
        p.unit * 0.62,
        side * rng.uniform(0.42, 0.6) * (1.6 if wide else 1),
    )
    orb(p, frame.spot(0, -0.45), p.unit * 0.34, p.leaf)
    rings(p, frame.spot(0, -0.1), p.unit * 0.4, p.unit * 1.2, 16)
    guitar_body(p, frame)
    guitar_neck(p, frame)


def edged(p: Panel, fill: Fill, outline: Sequence[Point], width: float) -> None:
    p.shape(fill, outline)
    p.stroke(p.colours.leaf[2], loop(outline), width, 0.8)


def guitar_body(p: Panel, frame: Frame) -> None:
    """The box with its soundhole and bridge; the frame's unit is the length of the box."""
    c = p.colours
    box = frame.put(GUITAR)
    p.shape(c.night, shifted(box, frame.size * 0.03, frame.size * 0.04), 0.6)
    edged(p, ramp(mix(c.accent, c.haze, 0.4), c.accent, mix(c.accent, c.night, 0.65)), box, 0.007)
    p.stroke(c.leaf[1], loop(frame.put([(x * 0.93, y * 0.945) for x, y in GUITAR])), 0.0016, 0.5)
    hole = frame.spot(0, -0.1)
    p.shape(c.night, oval(hole, frame.size * 0.105, frame.size * 0.105))
    for radius in (0.112, 0.128, 0.142):
        p.stroke(c.leaf[2], loop(oval(hole, frame.size * radius, frame.size * radius)), 0.0024)
    edged(p, c.night, frame.put(path("-.15 .24, .15 .24, .15 .285, -.15 .285")), 0.003)


def guitar_neck(p: Panel, frame: Frame) -> None:
    """The neck with its frets, the head and the six strings."""
    c, size = p.colours, frame.size
    edged(p, mix(c.night, c.foliage, 0.2), frame.put(path("-.04 -1.16, .04 -1.16, .048 -.2, -.048 -.2")), 0.002)
    edged(p, ramp(c.accent, mix(c.accent, c.night, 0.6)), frame.put(HEADSTOCK), 0.004)
    fittings, strings = Stencil(), Stencil()
    for fret in range(1, 17):
        y = 0.22 - 1.38 * 2 ** (-fret / 12)  # a twelfth of an octave each
        fittings.line(frame.put([(-0.043, y), (0.043, y)]), size * 0.004, 170)
    for k in range(3):
        for x in (-0.09, 0.09):
            fittings.polygon(oval(frame.spot(x, -1.2 - 0.08 * k), size * 0.026, size * 0.014, frame.turn))
    for k in (-1, -0.6, -0.2, 0.2, 0.6, 1):
        strings.line(frame.put([(k * 0.03, -1.16), (k * 0.062, 0.26)]), size * 0.0036)
    p.lay(c.leaf[1], fittings)
    p.lay(c.leaf[2], strings)


LUTE_HEAD = mirrored(path(".03 -1.5, .055 -1.72, .1 -1.8, .004 -1.77"))


def moon_lute(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.haze, mix(c.ground, c.haze, 0.5), mix(c.ground, c.night, 0.5))
    side = rng.choice((-1, 1))
    frame = Frame(p.at(0.5 + 0.14 * side, 0.7), p.unit * 0.56, -side * rng.uniform(0.34, 0.56))
    birds(p, p.at(0.5 - 0.2 * side, rng.uniform(0.2, 0.3)), -side)
    rings(p, frame.spot(0), frame.size * 0.62, p.unit * 1.3, 12)
    disc = oval(frame.spot(0), frame.size * 0.52, frame.size * 0.52)
    p.shape(c.night, shifted(disc, frame.size * 0.03, frame.size * 0.05), 0.6)
    edged(p, ramp(c.accent, mix(c.accent, c.night, 0.6)), disc, 0.008)
    face = ramp(mix(c.petal, c.leaf[1], 0.3), mix(c.haze, c.leaf[1], 0.5), mix(c.haze, c.accent, 0.3))
    p.shape(face, oval(frame.spot(0), frame.size * 0.47, frame.size * 0.47))
    edged(p, mix(c.night, c.accent, 0.2), frame.put(path("-.034 -1.5, .034 -1.5, .04 -.3, -.04 -.3")), 0.003)
    edged(p, ramp(c.accent, mix(c.accent, c.night, 0.6)), frame.put(LUTE_HEAD), 0.004)
    edged(p, c.night, frame.put(path("-.14 .22, .14 .22, .12 .28, -.12 .28")), 0.003)
    fittings, strings = Stencil(), Stencil()
    for fret in range(9):  # as high as fingers are thick: strings are bent between them
        y = -1.36 + 0.11 * fret
        fittings.polygon(frame.put([(-0.05, y), (0.05, y), (0.06, y + 0.028), (-0.06, y + 0.028)]))
    for k in range(4):
        x = 0.11 if k % 2 else -0.11
        fittings.line(frame.put([(0, -1.56 - 0.04 * k), (x, -1.56 - 0.04 * k)]), frame.size * 0.022)
    for x in (-0.016, 0.016):
        strings.line(frame.put([(x, -1.5), (x * 2.2, 0.25)]), frame.size * 0.006)
    p.lay(c.leaf[1], fittings)
    p.lay(c.night, strings, 0.8)


def flute(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.haze, mix(c.ground, c.haze, 0.6), c.ground)
    side = rng.choice((-1, 1))
    orb(p, p.at(0.5 + side * rng.uniform(0.16, 0.24), rng.uniform(0.2, 0.26)), p.unit * rng.uniform(0.12, 0.16), p.leaf)
    tube = Frame(p.at(0.5, 0.62), math.hypot(*p.size) / 2, -side * rng.uniform(0.24, 0.36))
    breath = Stencil()
    for k in range(9):  # the tune, as smoke that curls from the holes
        start = -0.4 + 0.1 * k
        curl = [(start + 0.018 * math.sin(t * 0.5 + k) * t / 6, -0.02 - 0.032 * t) for t in range(20 - k)]
        breath.line(tube.put(curve(curl, steps=4)), p.unit * (0.008 - 0.0005 * k), 220 - 14 * k)
    p.lay(c.leaf[2], breath, 0.8)
    outline = tube.put(path("-.86 -.032, .8 -.032, .8 .032, -.86 .032"))
    p.shape(c.night, shifted(outline, 0, p.unit * 0.05), 0.5)
    edged(p, ramp(mix(c.foliage, c.leaf[2], 0.55), c.foliage, mix(c.foliage, c.night, 0.6)), outline, 0.004)
    holes, joints, leaves = Stencil(), Stencil(), Stencil()
    for k in range(7):
        holes.disc(tube.spot(-0.4 + 0.12 * k, -0.004), p.unit * (0.017 if k else 0.022))
    for x in (-0.82, -0.62, 0.42, 0.76):
        joints.line(tube.put([(x, -0.034), (x, 0.034)]), p.unit * 0.014)
    for x in (0.5, 0.62, 0.72):
        spray(leaves, rng, tube.spot(x, 0.03), p.unit * 0.16)
    p.lay(c.night, holes)
    p.lay(c.accent, joints)
    p.lay(mix(c.foliage, c.night, 0.3), leaves)


def piano(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.night, mix(c.night, c.ground, 0.5), mix(c.ground, c.haze, 0.35))
    side = rng.choice((-1, 1))
    moon = p.at(0.5 + side * rng.uniform(0, 0.2), rng.uniform(0.24, 0.3))
    orb(p, moon, p.unit * rng.uniform(0.16, 0.22), p.eggshell)
    wide, keys = p.width * 1.24, 14
    frame = Frame(p.at(0.5, 0.8), wide, side * rng.uniform(0.05, 0.14))
    shelf = frame.put(path("-.5 -.19, .5 -.19, .5 -.15, -.5 -.15"))
    back = frame.put(path("-.5 -.34, .5 -.34, .5 .5, -.5 .5"))
    p.shape(ramp(mix(c.accent, c.night, 0.3), mix(c.accent, c.night, 0.8)), back)
    notes = Stencil()
    for k in range(9):
        spot = p.at(0.08 + 0.1 * k, 0.46 - 0.07 * math.sin(k * 1.1) + rng.uniform(-0.02, 0.02))
        notes.polygon(oval(spot, p.unit * 0.024, p.unit * 0.017, -0.4))
        stem = (spot[0] + p.unit * 0.021, spot[1])
        notes.line([stem, (stem[0], stem[1] - p.unit * 0.085)], p.unit * 0.006)
    p.lay(p.leaf, notes)
    struck = rng.sample(range(keys), 3)
    for k in range(keys):
        left, right, low = -0.5 + k / keys, -0.5 + (k + 0.94) / keys, 0.2 + 0.012 * (k in struck)
        ivory = mix(c.petal, c.leaf[2], 0.5) if k in struck else mix((250, 244, 230), c.petal, 0.3)
        p.shape(
            ramp(mix(ivory, c.night, 0.3), ivory, ivory),
            frame.put([(left, -0.15), (right, -0.15), (right, low), (left, low)]),
        )
    for k in range(keys - 1):
        if k % 7 not in (2, 6):  # none between E and F, and between B and C
            middle, half = -0.5 + (k + 0.97) / keys, 0.3 / keys
            black = [(middle - half, -0.15), (middle + half, -0.15), (middle + half, 0.05), (middle - half, 0.05)]
            edged(p, ramp(mix(c.night, c.haze, 0.15), c.night), frame.put(black), 0.002)
    p.shape(ramp(c.accent, mix(c.accent, c.night, 0.4)), shelf)
    p.stroke(p.leaf, shelf[2:], 0.007)


def waves(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.5), c.ground, mix(c.ground, c.haze, 0.6), c.haze)
    orb(p, p.at(rng.uniform(0.25, 0.75), rng.uniform(0.26, 0.34)), p.unit * rng.uniform(0.18, 0.26))
    tones, lines = Stencil(), Stencil()
    radius, y, row = p.unit * rng.uniform(0.07, 0.11), p.height * 0.54, 0
    phase, swell = rng.uniform(0, TURN), p.height * rng.uniform(0.03, 0.07)
    while y < p.height + radius + swell:
        for i in range(-1, math.ceil(p.width / (2 * radius)) + 1):
            x = (2 * i + row % 2) * radius
            lift = swell * math.sin(phase + TURN * x / p.width + row * 0.45)
            crest(tones, lines, (x, y + lift), radius, rng.random())
        row, y = row + 1, y + radius * 0.52
    mask, corner = tones.cut(p.size)
    sea = ImageOps.colorize(mask, c.night, mix(c.haze, c.petal, 0.3), mix(c.ground, c.foliage, 0.4))
    p.press(lambda _: sea, mask.point(lambda v: min(255, v * 8)), corner)
    p.lay(p.leaf, lines, 0.9)
    p.glow(c.night, p.at(0.5, 1.1), (p.width * 0.9, p.height * 0.4), 0.6, 1)


def crest(tones: Stencil, lines: Stencil, centre: Point, radius: float, chance: float) -> None:
    """One scale of the sea, ring within ring as on the hem of a court robe; some have a heart of leaf."""
    for k, tone in enumerate((70, 150, 60, 190, 90)):
        size = radius * (1 - 0.2 * k)
        tones.disc(centre, size, round(tone + 50 * chance))
        lines.disc(centre, size)
        if chance < 0.8 or k < 3:
            lines.disc(centre, size - radius * 0.035, 0)


def bamboo(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.ground, mix(c.ground, c.haze, 0.7), c.haze, mix(c.ground, c.haze, 0.3))
    moon = rng.uniform(0.3, 0.7)
    orb(p, p.at(moon, rng.uniform(0.26, 0.36)), p.unit * rng.uniform(0.2, 0.26))
    for depth in range(3):
        tone = mix(mix(c.foliage, c.haze, 0.62), mix(c.foliage, c.night, 0.35), depth / 2)
        count = round(8 * p.width / p.unit) - depth * 2
        for i in range(count):
            x = (i + rng.uniform(0.1, 0.9)) / count
            # Only the row at the back may stand before the moon.
            if depth == 0 or abs(x - moon) * p.width > p.unit * (0.12 + 0.06 * depth):
                culm(p, x, tone, depth)
    p.glow(c.haze, p.at(0.5, 1), (p.width * 0.9, p.height * 0.2), 0.6, 1)


def culm(p: Panel, x: float, tone: Colour, depth: int) -> None:
    """A bamboo stalk from below the panel past its head; `x` is a fraction, depth 2 is the nearest."""
    c, rng, thick = p.colours, p.rng, p.unit * (0.009 + 0.011 * depth)
    lean, joint = rng.uniform(-0.05, 0.05), rng.uniform(0.08, 0.12) * (1 + 0.4 * depth)
    dark, lit = mix(tone, c.night, 0.5), mix(tone, c.leaf[2], 0.35)
    fill = ramp(dark, lit, tone, dark, sideways=True)
    nodes, leaves = Stencil(), Stencil()
    y = 1 + rng.uniform(0, 0.1)
    while y > -0.1:
        low, high = p.at(x + lean * (1 - y), y), p.at(x + lean * (1 - y + joint), y - joint)
        waist = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
        sides = ((low, thick), (waist, thick * 0.86), (high, thick))
        p.shape(
            fill,
            [*((a - half, b) for (a, b), half in sides), *((a + half, b) for (a, b), half in sides[::-1])],
        )
        nodes.line([(high[0] - thick * 1.15, high[1]), (high[0] + thick * 1.15, high[1])], thick * 0.22)
        if y < 0.85 - 0.15 * depth and rng.random() < 0.6:
            spray(leaves, rng, high, p.unit * (0.07 + 0.045 * depth))
        y -= joint
    p.lay(p.leaf, nodes, 0.25 + 0.3 * depth)
    p.lay(mix(tone, c.night, 0.2), leaves)


BLADE = curve(path("0 0, .22 -.055, .55 -.05, 1 0, .55 .03, .22 .04"), closed=True, steps=6)


def spray(leaves: Stencil, rng: Random, root: Point, reach: float) -> None:
    """A twig with its blades hanging; the reach in pixels."""
    side = rng.choice((-1, 1))
    tip = (root[0] + side * reach * rng.uniform(0.5, 0.9), root[1] - reach * rng.uniform(0.1, 0.5))
    leaves.line([root, tip], reach * 0.02)
    for _ in range(rng.randint(3, 6)):
        turn = math.pi / 2 - side * rng.uniform(-0.5, 1.5)
        leaves.polygon(Frame(tip, reach * rng.uniform(0.6, 1.1), turn).put(BLADE))


def drum(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(c.ground, mix(c.ground, c.night, 0.45), c.night)
    whole = rng.random() < 0.5
    radius = p.unit * (0.45 if whole else rng.uniform(0.6, 0.72))
    centre = p.at(0.5, 0.5) if whole else p.at(rng.choice((0.3, 0.7)), rng.choice((0.36, 0.64)))
    p.glow(mix(c.accent, c.leaf[1], 0.5), centre, (radius * 2, radius * 2), 0.6)
    rings(p, centre, radius * 1.08, radius * 2.4, 18)
    p.shape(mix(c.night, c.ground, 0.25), oval(centre, radius, radius))
    p.shape(p.leaf, oval(centre, radius, radius), 0.14)
    face, frame = Stencil(), Frame(centre, radius, rng.uniform(0, TURN))
    for size in (0.995, 0.935, 0.8, 0.775, 0.6, 0.575, 0.485, 0.345, 0.33):
        face.disc(centre, radius * size)
        face.disc(centre, radius * (size - 0.008), 0)
    teeth(face, frame, (0.815, 0.925), 132)
    teeth(face, frame, (0.355, 0.4), 72)
    eyes_and_zigzag(face, frame)
    flock(face, frame)
    star(face, frame)
    p.lay(p.leaf, face)
    p.glow(c.leaf[2], centre, (radius * 0.4, radius * 0.4), 0.5)


def around(frame: Frame, count: int) -> list[Frame]:
    """The frame turned to `count` places evenly about its origin."""
    return [Frame(frame.origin, frame.size, frame.turn + TURN * k / count) for k in range(count)]


def teeth(face: Stencil, frame: Frame, span: tuple[float, float], count: int) -> None:
    for ray in around(frame, count):
        face.line([ray.spot(span[0]), ray.spot(span[1])], frame.size * 0.009)


def eyes_and_zigzag(face: Stencil, frame: Frame) -> None:
    for ray in around(frame, 40):
        for size, tone in ((0.03, 255), (0.021, 0), (0.01, 255)):
            face.disc(ray.spot(0.442), frame.size * size, tone)
    zigzag = [ray.spot(0.5 + 0.06 * (k % 2)) for k, ray in enumerate(around(frame, 96))]
    face.line(loop(zigzag), frame.size * 0.009)


LAC_BIRD = path(
    ".95 .05, .45 -.07, .36 -.2, .1 -.34, .26 -.16, .2 -.03, .05 -.08, -.1 -.52, -.32 -.6, -.2 -.1, -.5 -.12,"
    "-.95 -.26, -.9 .06, -.5 .06, -.2 .1, -.24 .5, -.02 .44, .1 .1, .3 .1, .45 .05"
)


def flock(face: Stencil, frame: Frame) -> None:
    """Lạc birds, long of beak, flying against the clock as they do on the old drums."""
    for ray in around(frame, 16):
        bird = Frame(ray.spot(0.688), frame.size * 0.115, ray.turn - math.pi / 2, flat=1.15)
        face.polygon(bird.put(LAC_BIRD))
        face.disc(bird.spot(0.31, -0.04), frame.size * 0.007, 0)


def star(face: Stencil, frame: Frame) -> None:
    """The sun of fourteen rays in the middle, feathers between them."""
    for ray in around(frame, 14):
        between = Frame(frame.origin, frame.size, ray.turn + math.pi / 14)
        for inner in (0.2, 0.24, 0.28):
            feather = [(inner + 0.035, -0.03), (inner, 0), (inner + 0.035, 0.03)]
            face.line(between.put(feather), frame.size * 0.008)
    face.polygon([ray.spot(0.115 if k % 2 else 0.3) for k, ray in enumerate(around(frame, 28))])


def blossom(p: Panel) -> None:
    c, rng = p.colours, p.rng
    p.ground(mix(c.ground, c.night, 0.2), c.ground, mix(c.ground, c.haze, 0.55))
    side = rng.choice((-1, 1))
    orb(p, p.at(0.5 + side * rng.uniform(0.05, 0.16), rng.uniform(0.3, 0.4)), p.unit * rng.uniform(0.24, 0.3))
    wood, tips = Stencil(), []
    root = Frame(p.at(0.5 - side * 0.54, rng.uniform(0.78, 0.9)), p.unit * 0.34, -math.pi / 2 + side * 0.9)
    grow(wood, tips, rng, root, 4)
    p.lay(ramp(mix(c.night, c.foliage, 0.4), c.night), wood)
    hues = (c.petal, mix(c.petal, c.accent, 0.35)) if rng.random() < 0.5 else (c.leaf[2], c.leaf[1])
    for spot in rng.sample(tips, min(48, len(tips))):
        flower(p, Frame(spot, p.unit * rng.uniform(0.018, 0.04), rng.uniform(0, TURN)), hues)
    for _ in range(16):
        spot, size = p.at(rng.random(), rng.uniform(0.3, 1)), p.unit * rng.uniform(0.006, 0.013)
        p.shape(ramp(*hues), oval(spot, size, size * 0.55, rng.uniform(0, TURN)), 0.8)


def grow(wood: Stencil, tips: list[Point], rng: Random, root: Frame, forks: int) -> None:
    """A branch as long as its frame is large, and what forks from it; `tips` gathers places for flowers."""
    (x, y), heading, steps = root.origin, root.turn, 9
    thick = root.size * (0.035 + 0.016 * forks)
    left, right = [], []
    for step in range(steps + 1):
        half = thick * (0.5 - 0.2 * step / steps)
        left.append((x + math.sin(heading) * half, y - math.cos(heading) * half))
        right.append((x - math.sin(heading) * half, y + math.cos(heading) * half))
        if forks < 3 and step % 3 == 2:
            tips.append((x, y))
        heading += rng.uniform(-0.22, 0.22)
        x, y = x + math.cos(heading) * root.size / steps, y + math.sin(heading) * root.size / steps
    wood.polygon([*left, *reversed(right)])
    end = ((left[-1][0] + right[-1][0]) / 2, (left[-1][1] + right[-1][1]) / 2)
    wood.disc(end, thick * 0.3)
    for turn in (rng.uniform(-0.8, -0.35), rng.uniform(0.25, 0.7), rng.uniform(-0.15, 0.15)) if forks else ():
        grow(wood, tips, rng, Frame(end, root.size * rng.uniform(0.55, 0.75), heading + turn), forks - 1)


def flower(p: Panel, frame: Frame, hues: tuple[Colour, Colour]) -> None:
    """Five round petals about a heart of stamens; one size is from the heart to a petal's edge."""
    size, fill = frame.size, ramp(*hues)
    outlines, heart = Stencil(), Stencil()
    for ray in around(frame, 5):
        petal = oval(ray.spot(0.55), size * 0.5, size * 0.44, ray.turn)
        p.shape(fill, petal)
        outlines.line(loop(petal), 1.4)
    p.lay(mix(hues[1], p.colours.night, 0.45), outlines, 0.6)
    for k, ray in enumerate(around(frame, 12)):
        tip = ray.spot(0.38 if k % 2 else 0.28)
        heart.line([frame.origin, tip], size * 0.03)
        heart.disc(tip, size * 0.05)
    p.lay(p.colours.accent, heart)


@dataclass(frozen=True)
class Motif:
    """How a picture is painted, its description in each language, and whom it suits; `{orb}` is its sun or moon."""

    paint: Callable[[Panel], None]
    en: str
    vi: str
    hobbies: tuple[str, ...] = ()


MOTIFS = (
    Motif(
        ha_long,
        "A junk under sail among the misty peaks of Hạ Long Bay",
        "Thuyền buồm giữa vịnh Hạ Long mờ sương",
        ("du lịch", "travel"),
    ),
    Motif(lotus, "Lotus flowers opening on a pond by moonlight", "Hoa sen nở trên mặt hồ đêm trăng", ("làm vườn",)),
    Motif(
        lanterns,
        "Strings of glowing silk lanterns in Hội An",
        "Đèn lồng phố Hội lung linh trong đêm",
        ("vẽ", "painting"),
    ),
    Motif(terraces, "Rice terraces below a round {orb}", "Ruộng bậc thang dưới {orb} tròn", ("nấu ăn", "cooking")),
    Motif(
        zither,
        "The strings and bridges of a đàn tranh under the moon",
        "Dây và nhạn đàn tranh dưới ánh trăng",
        ("đàn tranh",),
    ),
    Motif(
        monochord,
        "A đàn bầu, its one string sounding under the moon",
        "Tiếng đàn bầu ngân dưới trăng",
        ("đàn bầu",),
    ),
    Motif(
        singer,
        "A singer in áo dài and conical hat, seen from behind before a great {orb}",
        "Cô ca sĩ mặc áo dài, đội nón lá, nhìn từ phía sau, trước {orb} lớn",
        ("hát", "singing"),
    ),
    Motif(guitar, "A guitar before a great round {orb}", "Cây đàn guitar trước {orb} lớn", ("guitar",)),
    Motif(
        waves, "A sea of ringed waves with the moon rising", "Sóng nước cuộn tròn lớp lớp, trăng đang lên", ("running",)
    ),
    Motif(bamboo, "A bamboo grove with the moon behind it", "Rừng tre, vầng trăng ẩn phía sau", ("chạy bộ",)),
    Motif(
        drum,
        "The star and the flying birds of a Đông Sơn bronze drum",
        "Mặt trống đồng Đông Sơn với ngôi sao và đàn chim Lạc",
        ("nhảy", "dancing"),
    ),
    Motif(
        blossom,
        "A branch of spring blossom before the moon",
        "Cành hoa xuân trước vầng trăng",
        ("chụp ảnh", "photography"),
    ),
    Motif(
        moon_lute,
        "A đàn nguyệt, its face round as the moon, and storks passing",
        "Cây đàn nguyệt mặt tròn như trăng, đàn cò bay ngang",
        ("sáng tác", "songwriting"),
    ),
    Motif(
        flute,
        "A bamboo flute whose tune curls up like smoke towards the {orb}",
        "Tiếng sáo trúc uốn lượn như làn khói dưới {orb}",
        ("sáo trúc",),
    ),
    Motif(
        piano,
        "The keys of a piano and a line of notes by moonlight",
        "Phím đàn piano và nốt nhạc dưới trăng",
        ("piano",),
    ),
)


def chosen(seed: int) -> tuple[Motif, Palette]:
    """The motif and palette of a seed. Seeds one apart differ in motif, seeds `len(MOTIFS)` apart only in colours."""
    return MOTIFS[seed % len(MOTIFS)], PALETTES[seed // len(MOTIFS) % len(PALETTES)]


def seed_of(motif: int, palette: int, turn: int) -> int:
    """The seed of a motif and a palette, by their indexes; `turn` distinguishes pictures that share both."""
    return (turn * len(PALETTES) + palette) * len(MOTIFS) + motif


def draw(seed: int, *, size: Size = (1600, 2000)) -> bytes:
    """A JPEG of that size in pixels, the same each time for the same seed and size."""
    motif, palette = chosen(seed)
    panel = Panel(Random(seed), palette, size)  # noqa: S311 - a picture is no secret
    motif.paint(panel)
    file = io.BytesIO()
    panel.polish().save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def describe(seed: int, language: str) -> str:
    """What that seed's picture shows, as alternative text: in Vietnamese for "vi", else in English."""
    motif, palette = chosen(seed)
    night = palette.leaf is SILVER  # a silver disc reads as a moon, one of gold or copper as a sun
    if language == "vi":
        shown = motif.vi.format(orb="vầng trăng" if night else "vầng mặt trời")
        return f"{shown}, tranh kiểu sơn mài sắc {palette.vi}"
    shown = motif.en.format(orb="moon" if night else "sun")
    return f"{shown}, in {palette.en}, in the manner of lacquer painting"
