"""Tables for spreadsheets, which take some texts for formulas."""

import csv as library
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet would compute what begins so


def csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it; every cell quoted, one line for each row."""
    out = StringIO(newline="")
    library.writer(out, quoting=library.QUOTE_ALL).writerows(map(cell, row) for row in rows)
    return out.getvalue().encode("utf-8-sig")


def cell(value: Any) -> str:
    """A value as text on one line, which no spreadsheet takes for a formula."""
    text = ", ".join(value) if isinstance(value, list) else str(value)
    mark = "'" if text.lstrip(" ").startswith(FORMULA) else ""
    return mark + " ".join(text.splitlines())
