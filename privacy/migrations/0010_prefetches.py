from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0009_earlier_token")]
    operations = [
        migrations.AddField(
            "audienceday",
            "prefetches",
            models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Pages that browsers fetched ahead, in case somebody would want to see them.",
                verbose_name="fetched ahead",
            ),
        ),
        migrations.AddField(
            "visit",
            "is_prefetch",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether a browser fetched the page ahead, in case somebody would want to see it.",
                verbose_name="fetched ahead",
            ),
        ),
        migrations.AddField(
            "visithour",
            "prefetches",
            models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Answered, and perhaps never seen by anybody.",
                verbose_name="fetched ahead",
            ),
        ),
    ]
