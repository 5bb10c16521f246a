from django.db import migrations, models

from core.indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("suggestions", "0010_undo_decisions")]

    operations = [
        AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["skeleton", "host"], name="suggestions_alike"),
        )
    ]
