from django.db import migrations, models

from core.indexes import AddIndex, CreateIndex

WAITS_FIRST = models.Case(models.When(status="waiting", then=models.Value(0)), default=models.Value(1))


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
            index=models.Index(fields=["confirmed_at", "id"], name="pageant_entry_staff_new"),
        ),
        AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("resembles__isnull", False)), fields=["entry"], name="pageant_photo_resembling"
            ),
        ),
        # The words of what is not public; `pageant_entry_search` has those of what is
        CreateIndex(
            "pageant_entry_search_staff",
            "pageant_entry USING gin (search_key gin_trgm_ops) WHERE published_at IS NULL",
            only_postgres=True,
        ),
    ]
