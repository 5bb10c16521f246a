from django.db import migrations

GROUP = "Moderators"
PERMISSIONS = [
    ("entry", "view_entry", "Can view entry"),
    ("entry", "moderate_entry", "Can decide on entries"),
    ("pageant", "view_pageant", "Can view pageant"),
    ("report", "view_report", "Can view report"),
    ("report", "change_report", "Can change report"),
]


def create(apps, schema_editor):
    """Django makes permissions only after all migrations, and finds these made already."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    for model, codename, name in PERMISSIONS:
        of_model, _created = content_type.objects.get_or_create(app_label="pageant", model=model)
        given, _created = permission.objects.get_or_create(
            content_type=of_model, codename=codename, defaults={"name": name}
        )
        group.permissions.add(given)


def delete(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("pageant", "0002_search_index"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create, delete)]
