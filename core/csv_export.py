"""CSV files that are safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, TextIOWrapper
from typing import Any, BinaryIO

# Spreadsheets evaluate a cell that begins with one of these (OWASP, "CSV Injection").
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def to_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    file = BytesIO()
    write_csv(rows, file)
    return file.getvalue()


def write_csv(rows: Iterable[Sequence[Any]], file: BinaryIO) -> None:
    """Writes the rows as CSV: all cells quoted, one line per row, in UTF-8 with a byte order mark, as Excel needs."""
    out = TextIOWrapper(file, "utf-8-sig", newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(map(cell, row) for row in rows)
    out.detach()  # else it would close the file


def cell(value: Any) -> str:
    """Returns a value as one line of text that is not a formula. Lists are joined by commas."""
    text = ", ".join(value) if isinstance(value, list) else str(value)
    line = " ".join(text.splitlines())  # which may begin with a formula only now, behind a character that ends lines
    prefix = "'" if any(whole.lstrip(" ").startswith(FORMULA) for whole in (text, line)) else ""
    return prefix + line
