from django.db import migrations

PERMISSIONS = {
    "Moderators": [
        ("suggestion", "view_suggestion", "Can view website"),
        ("suggestion", "change_suggestion", "Can change website"),
        ("suggestion", "moderate_suggestion", "Can decide on websites"),
        ("report", "view_report", "Can view report about a website"),
        ("report", "change_report", "Can change report about a website"),
        ("category", "view_category", "Can view category"),
    ],
    "Privacy officers": [
        ("suggestion", "view_suggestion", "Can view website"),
        (
            "suggestion",
            "view_suggestion_email",
            "Can see the e-mail addresses of who suggested websites",
        ),
        ("report", "view_report", "Can view report about a website"),
        ("category", "view_category", "Can view category"),
    ],
}


def add(apps, schema_editor):
    """Django makes permissions only after all migrations, and finds these made already."""
    for group in PERMISSIONS:
        add_to(group, apps)


def add_to(name, apps):
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group").objects.get(name=name)
    for model, codename, spelled in PERMISSIONS[name]:
        of_model, _created = content_type.objects.get_or_create(app_label="suggestions", model=model)
        given, _created = permission.objects.get_or_create(
            content_type=of_model, codename=codename, defaults={"name": spelled}
        )
        group.permissions.add(given)


def add_to_moderators(apps, schema_editor):
    add_to("Moderators", apps)


def add_to_officers(apps, schema_editor):
    add_to("Privacy officers", apps)


def remove(apps, schema_editor):
    for name in PERMISSIONS:
        group = apps.get_model("auth", "Group").objects.filter(name=name).first()
        if group is not None:
            group.permissions.remove(*group.permissions.filter(content_type__app_label="suggestions"))


class Migration(migrations.Migration):
    dependencies = [
        ("suggestions", "0002_search_index"),
        ("pageant", "0007_privacy_officers"),
    ]

    operations = [migrations.RunPython(add, remove)]
