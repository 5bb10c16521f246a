from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pageant", "0025_entries_of_lost_photos")]
    operations = [
        migrations.AddField(
            "draft",
            "network_digest",
            models.CharField(
                blank=True,
                db_default="",
                help_text="A keyed digest of the network that sent the last photos.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            "draft",
            "photo_bytes",
            models.PositiveBigIntegerField(
                db_default=0,
                help_text="Of all photos that were put into it, also of those that were taken out again.",
            ),
        ),
    ]
