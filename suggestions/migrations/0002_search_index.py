from django.db import migrations


def create(apps, schema_editor):
    """On PostgreSQL, three-letter pieces are indexed, as for entries."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    schema_editor.execute(
        "CREATE INDEX suggestions_suggestion_search ON suggestions_suggestion USING gin (search_key gin_trgm_ops) "
        "WHERE published_at IS NOT NULL"
    )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX suggestions_suggestion_search")


class Migration(migrations.Migration):
    dependencies = [("suggestions", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
