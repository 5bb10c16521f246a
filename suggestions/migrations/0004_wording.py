"""Texts in the admin only: no column and no row changes."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("suggestions", "0003_permissions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="suggestion",
            options={
                "permissions": [
                    ("moderate_suggestion", "Can decide on websites"),
                    ("view_suggestion_email", "Can view submitters' e-mail addresses"),
                ],
                "verbose_name": "website",
                "verbose_name_plural": "websites",
            },
        ),
        migrations.AlterField(
            model_name="category",
            name="position",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Lower numbers come first.", verbose_name="position"
            ),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="as_sent",
            field=models.JSONField(
                blank=True, default=dict, editable=False, help_text="The sender's text, where staff have changed it."
            ),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="email_digest",
            field=models.CharField(
                blank=True,
                db_index=True,
                editable=False,
                help_text="Finds the suggestion for its sender, as long as the name or the e-mail address is kept.",
                max_length=64,
            ),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="failures",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="consecutive failures"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="is_untimed",
            field=models.BooleanField(
                default=False, editable=False, help_text="Typical of bots.", verbose_name="no valid form timestamp"
            ),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="language",
            field=models.CharField(
                default="en",
                help_text="The language of the form, and of our mails.",
                max_length=5,
                verbose_name="language",
            ),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="last_alive_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last reachable"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="last_checked_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last checked"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="next_check_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="next check"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="problem",
            field=models.CharField(blank=True, editable=False, max_length=20, verbose_name="problem"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="proposed_url",
            field=models.CharField(blank=True, editable=False, max_length=1000, verbose_name="reported new address"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="silent_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="considered dead since"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="url",
            field=models.CharField(help_text="As typed.", max_length=1000, verbose_name="address"),
        ),
    ]
