"""Charts that the server draws, as SVG: numbers in, and what `templates/components/chart_bars.svg` shows out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from django.utils.formats import number_format

# In the units of the drawing, which the page scales.
WIDTH, HEIGHT = 720, 200
LEFT, TOP, BOTTOM = 44, 12, 24  # around the bars: the numbers of the scale, and the labels
GAP = 0.25  # of the room that a bar has


@dataclass(frozen=True)
class Series:
    """Numbers of one sort, one for each label. `role` ends the class by which the style sheet colours it."""

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
    """A line of the scale, or a label below the bars."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Bars:
    """Stacked bars: of each label, the series from the bottom up. All numbers stand in a table below it too."""

    name: str  # unique on the page, for what is told to screen readers
    title: str
    summary: str  # what a picture shows at a glance, in words
    labels_are: str  # the head of the table's first column
    labels: Sequence[str]
    series: Sequence[Series]
    every: int = 1  # how many bars share a label below them

    width, height, left = WIDTH, HEIGHT, LEFT
    right = WIDTH

    @cached_property
    def top(self) -> int:
        """The end of the scale: 1, 2 or 5 and zeros, and not below the highest bar."""
        return round_up(max(self.totals, default=0))

    @property
    def totals(self) -> list[int]:
        return [sum(values) for values in zip(*(one.values for one in self.series), strict=True)]

    @property
    def segments(self) -> Iterator[Segment]:
        room = (WIDTH - LEFT) / max(1, len(self.labels))
        for place in range(len(self.labels)):
            values = [one.values[place] for one in self.series]
            for one, value, end in zip(self.series, values, accumulate(values), strict=True):
                if value:
                    x = LEFT + room * (place + GAP / 2)
                    yield Segment(one.role, r(x), r(self.level(end)), r(room * (1 - GAP)), r(self.length(value)))

    @property
    def scale(self) -> list[Tick]:
        values = dict.fromkeys((0, self.top // 2, self.top))
        return [Tick(number_format(value), LEFT, r(self.level(value))) for value in values]

    @property
    def marks(self) -> list[Tick]:
        room = (WIDTH - LEFT) / max(1, len(self.labels))
        shown = range(0, len(self.labels), self.every)
        return [Tick(self.labels[place], r(LEFT + room * (place + 0.5)), HEIGHT - BOTTOM) for place in shown]

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """Of the table: a label, then its number in each series."""
        columns = zip(*(one.values for one in self.series), strict=True)
        return [(label, list(values)) for label, values in zip(self.labels, columns, strict=True)]

    def length(self, value: int) -> float:
        return (HEIGHT - TOP - BOTTOM) * value / self.top

    def level(self, value: int) -> float:
        return HEIGHT - BOTTOM - self.length(value)


def round_up(value: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 …: each has a whole half."""
    power = 1
    while True:
        for step in (2, 4, 10):
            if value <= step * power:
                return step * power
        power *= 10


def r(number: float) -> float:
    return round(number, 2)
