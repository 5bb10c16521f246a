"""Stacked bar charts, laid out here and drawn as SVG by `templates/components/chart_bars.svg`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from django.utils.formats import number_format

# In units of the SVG's viewBox, which the page scales.
WIDTH, HEIGHT = 720, 200
LEFT, TOP, BOTTOM = 44, 12, 24  # margins around the bars, for the scale's numbers and the labels
GAP = 0.25  # between bars, as a share of a bar's slot


@dataclass(frozen=True)
class Series:
    """One value per label. `role` is the suffix of the CSS class that colours it."""

    name: str
    role: str
    values: Sequence[int]


@dataclass(frozen=True)
class Segment:
    """One rectangle of a bar."""

    role: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A number of the scale with its line, or a label below the bars."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Bars:
    """A bar per label, in which the series are stacked from the bottom up. A table below repeats all numbers."""

    name: str  # unique on the page: the SVG's title and description are found by it
    title: str
    summary: str  # in words, what the chart shows at a glance
    labels_are: str  # the heading of the table's first column
    labels: Sequence[str]
    series: Sequence[Series]
    every: int = 1  # bars per label below them

    width, height, left = WIDTH, HEIGHT, LEFT
    right = WIDTH

    @cached_property
    def top(self) -> int:
        """The upper end of the scale, at or above the highest bar: see round_up."""
        return round_up(max(self.totals, default=0))

    @property
    def totals(self) -> list[int]:
        return [sum(values) for values in zip(*(series.values for series in self.series), strict=True)]

    @property
    def segments(self) -> Iterator[Segment]:
        slot = (WIDTH - LEFT) / max(1, len(self.labels))
        for index in range(len(self.labels)):
            values = [series.values[index] for series in self.series]
            for series, value, end in zip(self.series, values, accumulate(values), strict=True):
                if value:
                    x = LEFT + slot * (index + GAP / 2)
                    yield Segment(series.role, r(x), r(self.y(end)), r(slot * (1 - GAP)), r(self.height_of(value)))

    @property
    def scale(self) -> list[Tick]:
        values = dict.fromkeys((0, self.top // 2, self.top))
        return [Tick(number_format(value), LEFT, r(self.y(value))) for value in values]

    @property
    def marks(self) -> list[Tick]:
        slot = (WIDTH - LEFT) / max(1, len(self.labels))
        indexes = range(0, len(self.labels), self.every)
        return [Tick(self.labels[index], r(LEFT + slot * (index + 0.5)), HEIGHT - BOTTOM) for index in indexes]

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The rows of the table: a label, then its value in each series."""
        columns = zip(*(series.values for series in self.series), strict=True)
        return [(label, list(values)) for label, values in zip(self.labels, columns, strict=True)]

    def height_of(self, value: int) -> float:
        return (HEIGHT - TOP - BOTTOM) * value / self.top

    def y(self, value: int) -> float:
        return HEIGHT - BOTTOM - self.height_of(value)


def round_up(value: int) -> int:
    """Returns the next of 2, 4, 10, 20, 40, 100 …, whose halves are whole numbers."""
    power = 1
    while True:
        for step in (2, 4, 10):
            if value <= step * power:
                return step * power
        power *= 10


def r(number: float) -> float:
    return round(number, 2)
