from django.db import migrations

GROUP = "Privacy officers"
CODENAME = "view_disclosure"


def add(apps, schema_editor):
    """Django makes permissions only after all migrations, and finds these made already."""
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="privacy", model="disclosure"
    )
    permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=CODENAME, defaults={"name": "Can view disclosure"}
    )
    apps.get_model("auth", "Group").objects.get(name=GROUP).permissions.add(permission)


def remove(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.filter(name=GROUP).first()
    if group is not None:
        given = group.permissions.filter(content_type__app_label="privacy", codename=CODENAME)
        group.permissions.remove(*given)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0006_disclosure")]

    operations = [migrations.RunPython(add, remove)]
