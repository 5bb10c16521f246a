"""Collects and exports a person's data across all apps, as the registry declares it."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from privacy.registry.declarations import REGISTRY, Data, Declaration
from privacy.registry.finders import Subject
from privacy.registry.lookup import lookup_of

FORMAT = 1
SCHEMA = Path(__file__).parent / "export.schema.json"


@dataclass(frozen=True)
class Kind:
    """All rows of one model that are about a person."""

    declaration: Declaration
    rows: list[models.Model]

    def values(self) -> Iterator[tuple[models.Model, list[tuple[Data, list[tuple[str, Any]]]]]]:
        """Each row with the data that the export holds, and the names and values of its fields."""
        for row in self.rows:
            yield row, [(data, [(name, value_of(row, name)) for name in data.fields]) for data in self.told]

    @property
    def told(self) -> list[Data]:
        return [data for data in self.declaration.data if not data.withheld]

    @property
    def withheld(self) -> list[Data]:
        return [data for data in self.declaration.data if data.withheld]

    def files(self) -> Iterator[tuple[models.Model, str, BinaryIO]]:
        if self.declaration.files:
            for row in self.rows:
                for ending, file in self.declaration.files(row):
                    yield row, f"files/{self.declaration.label}-{row.pk}.{ending}", file


def find(subject: Subject) -> list[Kind]:
    """All that is known about the person."""
    look_up = lookup_of(subject)
    kinds = (Kind(declaration, list(look_up(model))) for model, declaration in REGISTRY.declarations.items())
    return [kind for kind in kinds if kind.rows]


def value_of(row: models.Model, name: str) -> Any:
    """A field's value as JSON can hold it; related rows as text."""
    field = row._meta.get_field(name)
    if field.many_to_many:
        return [str(related) for related in getattr(row, name).all()]
    if field.is_relation:
        related = getattr(row, name)
        return None if related is None else str(related)
    return getattr(row, name)


def spelled(row: models.Model, name: str) -> Any:
    """A field's value for people: from the model's `get_<name>_display`, if there is one, else as it is."""
    display = getattr(row, f"get_{name}_display", None)
    return display() if display else value_of(row, name)


def document(subject: Subject, kinds: list[Kind], files: dict[tuple[str, Any], list[str]]) -> dict[str, Any]:
    """The export as `export.schema.json` describes it."""
    return {
        "format": FORMAT,
        "site": settings.SITE_URL,
        "made_at": timezone.now(),
        "language": get_language(),
        "email": subject.email,
        "kinds": [
            {
                "kind": kind.declaration.label,
                "name": str(kind.declaration.name),
                "kept": [str(keep) for keep in kind.declaration.keep],
                "fields": {name: describe(data) for data in kind.told for name in data.fields},
                "withheld": {name: str(data.withheld) for data in kind.withheld for name in data.fields},
                "rows": [
                    {
                        "id": row.pk,
                        "values": {name: value for _one, fields in told for name, value in fields},
                        "files": files.get((kind.declaration.label, row.pk), []),
                    }
                    for row, told in kind.values()
                ],
            }
            for kind in kinds
        ],
    }


def describe(data: Data) -> dict[str, Any]:
    return {
        "what": str(data.what),
        "purposes": [str(purpose.name) for purpose in data.purposes],
        "seen_by": str(data.seen_by.label),
        "kept": [str(keep) for keep in data.keep],
    }


def write_zip(subject: Subject, target: BinaryIO) -> None:
    """Everything about the person, in the active language: data.json and its schema, files, and pages to read."""
    kinds = find(subject)
    files: dict[tuple[str, Any], list[str]] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in kinds:
            for row, name, file in kind.files():
                with closing(file):
                    archive.writestr(name, file.read(), zipfile.ZIP_STORED)
                files.setdefault((kind.declaration.label, row.pk), []).append(name)
        told = json.dumps(document(subject, kinds, files), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("data.json", told)
        archive.writestr("schema.json", SCHEMA.read_text())
        page = {"subject": subject, "kinds": tables(kinds, files), "site": settings.SITE_URL, "made_at": timezone.now()}
        archive.writestr("index.html", render_to_string("privacy/export/index.html", page))
        archive.writestr("style.css", render_to_string("privacy/export/style.css"))


def zip_file(subject: Subject) -> BinaryIO:
    """The same as an unnamed temporary file, which is gone once it is closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    write_zip(subject, file)
    file.seek(0)
    return file


def tables(kinds: list[Kind], files: dict[tuple[str, Any], list[str]] | None = None) -> list[dict[str, Any]]:
    """The kinds as pages show them: for each row, its data and their values."""
    return [
        {
            "name": kind.declaration.name,
            "kept": kind.declaration.keep,
            "withheld": [data for data in kind.withheld if any(holds_something(kind, name) for name in data.fields)],
            "rows": [
                {
                    "lines": [(data, in_words(row, data)) for data in kind.told],
                    "files": (files or {}).get((kind.declaration.label, row.pk), []),
                }
                for row in kind.rows
            ],
        }
        for kind in kinds
    ]


def holds_something(kind: Kind, name: str) -> bool:
    return any(getattr(row, name) for row in kind.rows)


def in_words(row: models.Model, data: Data) -> list[Any]:
    """The values of fields that belong together, without empty ones."""
    values = (spelled(row, name) for name in data.fields)
    return [value for value in values if value not in (None, "", [], {})]
