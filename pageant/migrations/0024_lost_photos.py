from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pageant", "0023_told_once_public"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="asked_at",
            field=models.DateTimeField(
                editable=False, help_text="When its person was asked to send it again, since it is lost.", null=True
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="lost_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When its master was found to be missing, which nothing can replace.",
                null=True,
            ),
        ),
    ]
