from django.db import migrations, models

from core.indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("privacy", "0010_prefetches")]

    operations = [
        AddIndex(
            model_name="datarequest",
            index=models.Index(
                fields=["due_at"], condition=models.Q(done_at__isnull=True), name="privacy_datarequest_next"
            ),
        ),
        AddIndex(
            model_name="datarequest",
            index=models.Index(
                models.OrderBy(models.F("done_at"), descending=True),
                models.F("due_at"),
                models.OrderBy(models.F("id"), descending=True),
                name="privacy_datarequest_staff",
            ),
        ),
    ]
