from django.db import migrations

from core.indexes import CreateIndex

INDEXES = {
    # The first page shows what somebody did last, and each row of ours has its history.
    "staff_history_of_user": "django_admin_log (user_id, action_time)",
    "staff_history_of_row": "django_admin_log (content_type_id, object_id, action_time)",
    # The orders of the list of mails
    "staff_mails_by_to": 'post_office_email ("to", id)',
    "staff_mails_by_subject": "post_office_email (subject, id)",
    "staff_mails_by_status": "post_office_email (status, id)",
    "staff_mails_by_schedule": "post_office_email (scheduled_time, id)",
}
SEARCHES = {  # as Django writes them
    "staff_mails_search_to": 'post_office_email USING gin (UPPER("to"::text) gin_trgm_ops)',
    "staff_mails_search_subject": "post_office_email USING gin (UPPER(subject::text) gin_trgm_ops)",
}


def add_extension(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")


class Migration(migrations.Migration):
    """Indexes for what the staff's site asks of packages' tables."""

    atomic = False

    dependencies = [
        ("staff", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("post_office", "0014_alter_email_recipient_delivery_status_and_more"),
    ]

    operations = [
        migrations.RunPython(add_extension, migrations.RunPython.noop),
        *[CreateIndex(name, on) for name, on in INDEXES.items()],
        *[CreateIndex(name, on, only_postgres=True) for name, on in SEARCHES.items()],
    ]
