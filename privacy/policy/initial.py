"""Publishes the policy version that ships with the site."""

from pathlib import Path

from django.db import connections

from privacy.models import PolicyVersion

FOLDER = Path(__file__).parent / "initial_texts"


def publish(using: str) -> None:
    """Publishes it if no version is published. Does nothing while the table is missing, or isn't fully migrated."""
    if is_ready(using):
        PolicyVersion.publish_first(**texts())


def texts() -> dict[str, str]:
    return {
        f"text_{language}": (FOLDER / f"{language}.md").read_text(encoding="utf-8").strip() for language in ("en", "vi")
    }


def is_ready(using: str) -> bool:
    connection = connections[using]
    table = PolicyVersion._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return False
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
    return columns >= {field.column for field in PolicyVersion._meta.local_fields}
