from django.db import migrations
from django.utils.crypto import salted_hmac

BATCH = 1000
SALT = "privacy.finding"


def digest_of(email):
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()


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
