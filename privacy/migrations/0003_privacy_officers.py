from django.db import migrations

GROUP = "Privacy officers"
PERMISSIONS = [
    ("policyversion", "view_policyversion", "Can view version of the policy"),
    ("policyversion", "add_policyversion", "Can add version of the policy"),
    ("policyversion", "change_policyversion", "Can change version of the policy"),
    ("policyversion", "delete_policyversion", "Can delete version of the policy"),
    ("policyversion", "publish_policyversion", "Can publish the policy"),
    ("cookiechoice", "view_cookiechoice", "Can view cookie choice"),
    ("datarequest", "view_datarequest", "Can view request about data"),
    ("datarequest", "add_datarequest", "Can add request about data"),
    ("datarequest", "change_datarequest", "Can change request about data"),
    ("datarequest", "answer_datarequest", "Can export and erase for a person"),
    ("erasurereceipt", "view_erasurereceipt", "Can view receipt of an erasure"),
]


def create(apps, schema_editor):
    """Django makes permissions only after all migrations, and finds these made already."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    for model, codename, name in PERMISSIONS:
        of_model, _created = content_type.objects.get_or_create(app_label="privacy", model=model)
        given, _created = permission.objects.get_or_create(
            content_type=of_model, codename=codename, defaults={"name": name}
        )
        group.permissions.add(given)


def delete(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_policy_cookies_requests"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create, delete)]
