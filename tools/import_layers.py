"""Checks the direction of imports, with the site's apps as the settings list them.

The contracts stand in pyproject.toml. `{apps}` there is replaced by `APP_ROWS` of the settings, so that a new app joins
the layers by being listed. Exits with 1 where an import breaks a contract.
"""

import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
APPS = "{apps}"


def app_rows() -> list[list[str]]:
    """The site's apps, one list a layer, from the top down."""
    os.environ.setdefault("DEBUG", "on")
    from vietmusic import settings  # noqa: PLC0415  it reads the environment

    return settings.APP_ROWS


def configuration(tool: Mapping[str, Any], rows: list[list[str]]) -> str:
    """The contracts of pyproject.toml as an INI file of import-linter."""
    root_packages = expanded(tool["root_packages"], [app for row in rows for app in row])
    sections = [section("importlinter", {"root_packages": root_packages})]
    for number, contract in enumerate(tool["contracts"], start=1):
        layers = [" | ".join(row) for row in rows]
        options = {
            name: expanded(value, layers) if isinstance(value, list) else value for name, value in contract.items()
        }
        sections.append(section(f"importlinter:contract:{number}", options))
    return "\n".join(sections)


def expanded(values: list[str], apps: list[str]) -> list[str]:
    return [one for value in values for one in (apps if value == APPS else [value])]


def section(title: str, options: Mapping[str, Any]) -> str:
    return "\n".join([f"[{title}]", *lines_of(options), ""])


def lines_of(options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, list):
            yield f"{name} ="
            yield from (f"    {item}" for item in value)
        else:
            yield f"{name} = {value}"


def main() -> int:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(configuration(tool, app_rows()))
        file.flush()
        return lint_imports(config_filename=file.name, no_cache=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
