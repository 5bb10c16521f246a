"""Statistical disclosure control: sums that single out nobody.

No number of fewer than ten people is told, and every number that is told is rounded to tens. So whatever numbers are
subtracted from each other, from one report or several, the difference is nothing or ten and more. What is too small is
put together with its neighbours, without telling of what or how many it was made (complementary suppression); so the
rest of a known total isn't such a small number either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

LEAST = 10  # people


@dataclass(frozen=True)
class Cell:
    """So many people, rounded; `label` is None for all that is put together."""

    label: str | None
    people: int


@dataclass(frozen=True)
class Span:
    """So many people from the first to the last day, rounded."""

    first: date
    last: date
    people: int


def rounded(people: int) -> int | None:
    """To the nearest ten; None for fewer than LEAST."""
    return None if people < LEAST else (people + LEAST // 2) // LEAST * LEAST


def parts(people: Mapping[str, int]) -> list[Cell]:
    """Of people who each belong to one label: the largest first, the small ones together at the end."""
    ordered = sorted(people.items(), key=lambda one: (-one[1], one[0]))
    shown = [(label, count) for label, count in ordered if count >= LEAST]
    rest = sum(count for _label, count in ordered if count < LEAST)
    while 0 < rest < LEAST and shown:  # whoever knows the total could tell it: the smallest joins it
        rest += shown.pop()[1]
    cells = [Cell(label, rounded(count)) for label, count in shown]
    return [*cells, Cell(None, rounded(rest))] if rest >= LEAST else cells


def tags(people: Mapping[str, int]) -> list[Cell]:
    """Of people who each may have several labels: the largest first, the small ones not at all."""
    ordered = sorted(people.items(), key=lambda one: (-one[1], one[0]))
    return [Cell(label, rounded(count)) for label, count in ordered if count >= LEAST]


def spans(days: Sequence[tuple[date, int]]) -> list[Span]:
    """Of people by day, in order: days put together until each span holds enough of them."""
    found: list[tuple[date, date, int]] = []
    first, people = None, 0
    for day, count in days:
        first, people = first or day, people + count
        if people >= LEAST:
            found.append((first, day, people))
            first, people = None, 0
    if first is not None and found:  # too few are left over: they join the last span
        start, _end, before = found.pop()
        found.append((start, days[-1][0], before + people))
    return [Span(start, end, rounded(count)) for start, end, count in found]
