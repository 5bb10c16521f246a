"""Prints what was measured, in tables of text."""

import statistics
from collections.abc import Sequence


def show(title: str, note: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column is a name, the others are numbers."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    print(f"\n{title}\n{note}\n")
    for row in (header, *rows) if any(header) else rows:
        name, *numbers = (
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("   ".join((name, *numbers)).rstrip())


def spread(values: Sequence[float], form: str = "{:.3f}") -> str:
    """The median and, in brackets, the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [*values] * 3
    return f"{form.format(middle)} ({form.format(low)}–{form.format(high)})"


def milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1000:.2f}"
