from django.db import migrations, models

INDEX = models.Index(
    fields=["place_key", "published_at", "id"],
    condition=models.Q(("published_at__isnull", False)),
    name="pageant_entry_place_newest",
)


def create(apps, schema_editor):
    """On PostgreSQL, while entries are read and written."""
    concurrently = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
    schema_editor.add_index(apps.get_model("pageant", "Entry"), INDEX, **concurrently)


def drop(apps, schema_editor):
    concurrently = {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
    schema_editor.remove_index(apps.get_model("pageant", "Entry"), INDEX, **concurrently)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("pageant", "0017_public_hobbies")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[migrations.AddIndex(model_name="entry", index=INDEX)],
        )
    ]
