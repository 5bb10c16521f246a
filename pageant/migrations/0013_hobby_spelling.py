from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pageant", "0012_wording")]

    operations = [
        migrations.AddField(
            model_name="hobby",
            name="spelling",
            field=models.CharField(
                editable=False,
                help_text="The same for hòa and hoà, which are one word.",
                max_length=40,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="hobby",
            constraint=models.UniqueConstraint(
                condition=models.Q(("spelling__isnull", False)),
                fields=("spelling",),
                name="pageant_hobby_one_per_spelling",
            ),
        ),
    ]
