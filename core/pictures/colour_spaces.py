"""Makes ICC profiles of colour spaces that files state in numbers.

The numbers of primaries and transfer characteristics are those of ITU-T H.273; the results match Chromium's. High
dynamic range is mapped to sRGB's by the tone mapping that SMPTE ST 2094-50 gives to pictures without their own, for a
screen without headroom.
"""

import itertools
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

Vector = tuple[float, float, float]
Curve = Callable[[float], float]  # from a channel's value, 0 to 1, to its light, 0 to 1


class Primaries(NamedTuple):
    """Chromaticities of CIE 1931, each an x and a y."""

    white: tuple[float, float]
    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]


D65, ILLUMINANT_C = (0.3127, 0.3290), (0.310, 0.316)
BT601 = Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
BT709 = Primaries(D65, (0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
BT2020 = Primaries(D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
DISPLAY_P3 = Primaries(D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
PRIMARIES = {
    1: BT709,
    4: Primaries(ILLUMINANT_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Primaries(D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: BT601,
    7: BT601,
    8: Primaries(ILLUMINANT_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: BT2020,
    10: Primaries((1 / 3, 1 / 3), (1, 0), (0, 1), (0, 0)),
    11: DISPLAY_P3._replace(white=(0.314, 0.351)),
    12: DISPLAY_P3,
    22: Primaries(D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}


def srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def smpte_240(value: float) -> float:
    return value / 4 if value < 0.0913 else ((value + 0.1115) / 1.1115) ** (1 / 0.45)


def power(exponent: float, *, most: float = 1) -> Curve:
    return lambda value: most * value**exponent


LIKE_BT709 = (1, 6, 11, 14, 15)
SRGB_CURVE, PQ, HLG = 13, 16, 18
CURVES: dict[int, Curve] = {
    4: power(2.2),
    5: power(2.8),
    7: smpte_240,
    8: power(1),
    17: power(2.6, most=52.37 / 48),
}

SRGB = b""  # needs no profile


def are_known(primaries: int, transfer: int) -> bool:
    return primaries in PRIMARIES and transfer in {*CURVES, *LIKE_BT709, SRGB_CURVE, PQ, HLG}


def profile_of(primaries: int, transfer: int, *, like_bt709: Curve = srgb) -> bytes:
    """The ICC profile for two numbers of H.273, or SRGB. Unknown and unspecified numbers count as sRGB's."""
    places = PRIMARIES.get(primaries, BT709)
    if transfer in {PQ, HLG}:
        return profile({b"A2B0": tone_mapping_table(places, transfer)})
    curve = like_bt709 if transfer in LIKE_BT709 else CURVES.get(transfer, srgb)
    return SRGB if (places, curve) == (BT709, srgb) else matrix_profile(places, curve)


# ICC profiles of version 2


def matrix_profile(primaries: Primaries, curve: Curve) -> bytes:
    """Raises ValueError if the primaries make no colour space."""
    colorants = zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants_of(primaries), strict=True)
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve_table(curve))
    return profile({name: xyz(colorant) for name, colorant in colorants} | curves)


def profile(tags: dict[bytes, bytes]) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4xI12s12x4s28x", start + len(body), 0x02400000, b"mntrRGB XYZ ", b"acsp") + xyz(D50)[8:]
    return header.ljust(128, b"\0") + table + body


def xyz(colour: Vector) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * 65536) for value in colour))


def curve_table(curve: Curve) -> bytes:
    """An entry for each value that a channel of 8 bits has, so that nothing is interpolated."""
    lights = [round(65535 * min(curve(value / 255), 1)) for value in range(256)]
    return struct.pack(">4s4xI256H", b"curv", len(lights), *lights)


# Primaries

D50: Vector = (0.9642, 1, 0.8249)  # the white point of all profiles
# Bradford's matrix, from X, Y and Z to the responses of the three kinds of cones, and back.
CONES: Sequence[Vector] = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
FROM_CONES: Sequence[Vector] = (
    (0.9869929, -0.1470543, 0.1599627),
    (0.4323053, 0.5183603, 0.0492912),
    (-0.0085287, 0.0400428, 0.9684867),
)


def colorants_of(primaries: Primaries) -> list[Vector]:
    """Red, green and blue in XYZ, which add up to D50's white. Raises ValueError if they make no colour space."""
    if not all(0 <= value <= 1 for place in primaries for value in place) or not primaries.white[1]:
        raise ValueError("not in the diagram")
    white, *columns = [(x, y, 1 - x - y) for x, y in primaries]
    white = scaled(white, 1 / white[1])
    shares = coordinates(white, columns)
    colorants = [adapted(scaled(column, share), white) for column, share in zip(columns, shares, strict=True)]
    if max(abs(value) for colorant in colorants for value in colorant) > 4:
        raise ValueError("white is far from the primaries")
    return colorants


def adapted(colour: Vector, white: Vector) -> Vector:
    """The colour that looks the same once the eye has adapted from `white` to D50."""
    cones = zip(*(times(CONES, seen) for seen in (colour, D50, white)), strict=True)
    return times(FROM_CONES, [cone * target / source for cone, target, source in cones])


def times(matrix: Sequence[Vector], vector: Sequence[float]) -> Vector:
    return dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def scaled(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def transposed(matrix: Sequence[Vector]) -> list[Vector]:
    return list(zip(*matrix, strict=True))


def coordinates(vector: Vector, base: Sequence[Vector]) -> Vector:
    """The vector's coordinates in a basis. Raises ValueError if the basis lies in a plane."""
    a, b, c = base
    volume = determinant(a, b, c)
    if abs(volume) < 1e-6:
        raise ValueError("in a plane")
    return determinant(vector, b, c) / volume, determinant(a, vector, c) / volume, determinant(a, b, vector) / volume


def determinant(a: Vector, b: Vector, c: Vector) -> float:
    return a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])


# High dynamic range. Light is in multiples of that of white paper.

PAPER_NITS, PEAK_NITS = 203, 1000
PEAK = PEAK_NITS / PAPER_NITS
BT2020_LUMINANCE = (0.2627, 0.6780, 0.0593)
GRID = 33  # points for each channel, as many as Little CMS takes itself


def pq(value: float) -> float:
    root = value ** (32 / 2523)
    return 10_000 / PAPER_NITS * (max(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)


def hlg(value: float) -> float:
    """The light of the scene, from 0 to 1."""
    return value**2 / 3 if value <= 0.5 else (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12


def tone_mapping_table(primaries: Primaries, transfer: int) -> bytes:
    """An ICC table of 16 bits from red, green and blue to XYZ."""
    straight = struct.pack(">6H", *(0, 65535) * 3)
    head = struct.pack(">4s4x4B9i2H", b"mft2", 3, 3, GRID, 0, *(65536, 0, 0, 0) * 2, 65536, 2, 2)
    colours = itertools.chain.from_iterable(tone_mapped_colours(primaries, transfer))
    points = [round(32768 * min(max(value, 0), 1.99)) for value in colours]
    return head + straight + struct.pack(f">{len(points)}H", *points) + straight


def tone_mapped_colours(primaries: Primaries, transfer: int) -> Iterator[Vector]:
    """XYZ for each point of the grid, blue changing fastest. The brightest channel in BT.2020 decides on the gain."""
    colorants, base = colorants_of(primaries), colorants_of(BT2020)
    to_xyz, to_bt2020 = transposed(colorants), transposed([coordinates(colorant, base) for colorant in colorants])
    channel = [pq(step / (GRID - 1)) if transfer == PQ else hlg(step / (GRID - 1)) for step in range(GRID)]
    for light in itertools.product(channel, repeat=3):
        seen = times(to_bt2020, light)
        # HLG holds the light of the scene; a display of PEAK_NITS has a system gamma of 1.2 (BT.2100).
        display = 1 if transfer == PQ else PEAK * dot(BT2020_LUMINANCE, seen) ** 0.2
        factor = display * gain(display * max(seen))
        yield times(to_xyz, [min(factor * value, 1) for value in light])


def gain(light: float) -> float:
    """The factor for a light: a half up to that of paper; from there a curve bends to the peak, sRGB's white."""
    if light <= 1:
        return 0.5
    if light >= PEAK:
        return 1 / light
    middle_x, middle_y = 1.65, 0.825  # between (1, 0.5) and (PEAK, 1), of a quadratic Bézier curve
    slope, bend = 2 * (middle_x - 1), 1 - 2 * middle_x + PEAK
    part = (math.sqrt(slope**2 + 4 * bend * (light - 1)) - slope) / (2 * bend)
    return (0.5 + 2 * (middle_y - 0.5) * part + (1.5 - 2 * middle_y) * part**2) / light
