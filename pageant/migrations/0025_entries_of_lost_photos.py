from django.db import migrations, models

from core.indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("pageant", "0024_lost_photos"),
    ]

    operations = [
        AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("lost_at__isnull", False)), fields=["entry"], name="pageant_photo_lost"
            ),
        ),
    ]
