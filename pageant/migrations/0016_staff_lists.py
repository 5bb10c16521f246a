from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

WAITS_FIRST = models.Case(models.When(status="waiting", then=models.Value(0)), default=models.Value(1))


class AddIndex(AddIndexConcurrently):
    """On PostgreSQL, entries can be written meanwhile."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


def index_words(apps, schema_editor):
    """The words of what is not public; `pageant_entry_search` has those of what is."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS pageant_entry_search_staff ON pageant_entry "
            "USING gin (search_key gin_trgm_ops) WHERE published_at IS NULL"
        )


def drop_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS pageant_entry_search_staff")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pageant", "0015_undo_decisions"),
    ]

    operations = [
        AddIndex(
            model_name="entry",
            index=models.Index(WAITS_FIRST, models.F("moved_at"), models.F("id"), name="pageant_entry_staff"),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("pageant"),
                WAITS_FIRST,
                models.F("moved_at"),
                models.F("id"),
                name="pageant_entry_staff_pageant",
            ),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("status"), WAITS_FIRST, models.F("moved_at"), models.F("id"), name="pageant_entry_staff_status"
            ),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(
                models.OrderBy(models.F("status"), descending=True),
                WAITS_FIRST,
                models.F("moved_at"),
                models.F("id"),
                name="pageant_entry_staff_states",
            ),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(fields=["moved_at"], name="pageant_entry_staff_moved"),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(fields=["display_name"], name="pageant_entry_staff_name"),
        ),
        AddIndex(
            model_name="entry",
            index=models.Index(fields=["confirmed_at"], name="pageant_entry_staff_new"),
        ),
        AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("resembles__isnull", False)), fields=["entry"], name="pageant_photo_resembling"
            ),
        ),
        migrations.RunPython(index_words, drop_words),
    ]
