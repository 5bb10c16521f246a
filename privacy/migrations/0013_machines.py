from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0012_digest_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Machine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True, verbose_name="name")),
                (
                    "loaded_up_to",
                    models.DateTimeField(help_text="By its own clock.", verbose_name="visits loaded up to"),
                ),
                ("declared_dead_at", models.DateTimeField(blank=True, null=True, verbose_name="declared dead")),
            ],
            options={
                "verbose_name": "machine",
                "verbose_name_plural": "machines",
                "ordering": ("name",),
                "default_permissions": (),
            },
        ),
    ]
