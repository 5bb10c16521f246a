"""Writes JSON documents that end in a list of any length, one item in memory at a time."""

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

INDENT = 2


def write(document: dict[str, Any], name: str, items: Iterable[Any], file: BinaryIO) -> None:
    """Writes what `json.dumps({**document, name: list(items)}, indent=2)` gives, in UTF-8."""
    head = dumped({**document, name: []}).removesuffix("]\n}")
    file.write(head.encode())
    comma = ""
    for item in items:
        file.write(f"{comma}{new_line(2)}{dumped(item, depth=2)}".encode())
        comma = ","
    file.write((f"{new_line(1)}]\n}}" if comma else "]\n}").encode())


def dumped(value: Any, *, depth: int = 0) -> str:
    # Line breaks within strings are escaped: all others are the layout's.
    return json.dumps(value, ensure_ascii=False, indent=INDENT).replace("\n", new_line(depth))


def new_line(depth: int) -> str:
    return "\n" + " " * INDENT * depth
