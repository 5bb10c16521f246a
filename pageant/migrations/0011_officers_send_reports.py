from django.db import migrations

GROUP = "Privacy officers"
PERMISSIONS = [
    ("sponsorreport", "view_sponsorreport", "Can view sponsors' report"),
    ("sponsorreport", "send_sponsorreport", "Can send reports to sponsors"),
]


def add(apps, schema_editor):
    """Django makes permissions only after all migrations, and finds these made already."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group").objects.get(name=GROUP)
    for model, codename, name in PERMISSIONS:
        of_model, _created = content_type.objects.get_or_create(app_label="pageant", model=model)
        given, _created = permission.objects.get_or_create(
            content_type=of_model, codename=codename, defaults={"name": name}
        )
        group.permissions.add(given)


def remove(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=GROUP).first()
    if group is not None:
        codenames = [codename for _model, codename, _name in PERMISSIONS]
        given = group.permissions.filter(content_type__app_label="pageant", codename__in=codenames)
        group.permissions.remove(*given)


class Migration(migrations.Migration):
    dependencies = [
        ("pageant", "0010_sponsor_report"),
        ("privacy", "0003_privacy_officers"),
    ]

    operations = [migrations.RunPython(add, remove)]
