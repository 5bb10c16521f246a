from django.db import migrations

SAMPLES = 1000  # instead of 100


def sample_more(apps, schema_editor):
    """PostgreSQL guesses from samples how many entries have a word, and so whether to walk the gallery or to collect.

    Of a word that few thousands of a million have it needs more of them to guess right. The next ANALYZE takes them.
    """
    set_statistics(schema_editor, SAMPLES)


def sample_as_usual(apps, schema_editor):
    set_statistics(schema_editor, -1)


def set_statistics(schema_editor, samples):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE pageant_entry ALTER COLUMN search_key SET STATISTICS {samples}")


class Migration(migrations.Migration):
    dependencies = [("pageant", "0018_place_newest")]

    operations = [migrations.RunPython(sample_more, sample_as_usual)]
