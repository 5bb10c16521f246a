from django.db import migrations

from privacy.finding import digest_of

BATCH = 1000


def fill(apps, schema_editor):
    """In batches, so that a large table is never held for long."""
    entries = apps.get_model("pageant", "Entry").objects
    while batch := list(entries.filter(email_digest="").only("email")[:BATCH]):
        for entry in batch:
            entry.email_digest = digest_of(entry.email)
        entries.bulk_update(batch, ["email_digest"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("pageant", "0004_owners_and_agreements")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
