"""Statistical disclosure control: counts of people that single nobody out.

Counts below ten are never published, and all others are rounded to tens. Any two published counts, from one report or
several, therefore differ by zero or by at least ten. Small categories are merged with their neighbours without saying
which or how many, so that a known total does not reveal the remainder (complementary suppression). See Hundepool et
al., "Statistical Disclosure Control" (2012), chapters 4 and 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.vietnamese import sort_key

LEAST = 10  # people; also the rounding base


@dataclass(frozen=True)
class Cell:
    """A rounded number of people. `label` is None for the merged small categories."""

    label: str | None
    people: int


@dataclass(frozen=True)
class Span:
    """A rounded number of people from the first to the last day, both included."""

    first: date
    last: date
    people: int


def rounded(people: int) -> int | None:
    """Rounds to the nearest ten, halves up. Returns None below LEAST."""
    return None if people < LEAST else to_tens(people)


def to_tens(people: int) -> int:
    return (people + LEAST // 2) // LEAST * LEAST


def parts(people: Mapping[str, int], *, rest: int = 0) -> list[Cell]:
    """Returns cells for people who each have exactly one label.

    The largest come first. Those below LEAST are merged into one cell without a label, at the end; `rest` are people
    with such labels that are not in `people`.
    """
    ordered = sorted(people.items(), key=lambda item: (-item[1], sort_key(item[0]), item[0]))
    shown = [(label, count) for label, count in ordered if count >= LEAST]
    rest += sum(count for _label, count in ordered if count < LEAST)
    while 0 < rest < LEAST and shown:  # the total would reveal it, so merge the smallest cell too
        rest += shown.pop()[1]
    cells = [Cell(label, to_tens(count)) for label, count in shown]
    return [*cells, Cell(None, to_tens(rest))] if rest >= LEAST else cells


def tags(people: Mapping[str, int]) -> list[Cell]:
    """Returns cells for people who may each have several labels: the largest first, those below LEAST left out."""
    ordered = sorted(people.items(), key=lambda item: (-item[1], sort_key(item[0]), item[0]))
    return [Cell(label, to_tens(count)) for label, count in ordered if count >= LEAST]


def spans(days: Sequence[tuple[date, int]]) -> list[Span]:
    """Merges consecutive days, given in order, until each span has at least LEAST people.

    Returns nothing if all days together have fewer.
    """
    merged: list[tuple[date, date, int]] = []
    first, people = None, 0
    for day, count in days:
        first, people = first or day, people + count
        if people >= LEAST:
            merged.append((first, day, people))
            first, people = None, 0
    if first is not None and merged:  # too few people remain: extend the last span
        start, _end, before = merged.pop()
        merged.append((start, days[-1][0], before + people))
    return [Span(start, end, to_tens(count)) for start, end, count in merged]
