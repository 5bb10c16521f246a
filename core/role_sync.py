"""Roles of staff: groups whose permissions are declared in code and synced after each migration.

Each app has a `roles.py`, found by name:

    ROLES = {
        MODERATORS: ["view_entry", "moderate_entry", "view_report", "change_report"],
        PRIVACY_OFFICERS: ["view_entry", "view_entry_email"],
    }

So `<app>/roles.py` says who on the staff may see what, e-mail addresses for one. The declaration is authoritative for
the app's own permissions: those that a role no longer has are taken from its group. Permissions of other apps stay, and
so do groups of other names.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.utils.module_loading import module_has_submodule
from django.utils.translation import override

MODERATORS = "Moderators"
PRIVACY_OFFICERS = "Privacy officers"


def declared_by(config: AppConfig) -> Mapping[str, Sequence[str]]:
    """What the app's `roles.py` declares: codenames of its own permissions for each role. Empty without such a file."""
    if not module_has_submodule(config.module, "roles"):
        return {}
    return import_module(f"{config.name}.roles").ROLES


def sync(sender: AppConfig, using: str, **kwargs: object) -> None:
    """Brings an app's permissions, and the roles' share of them, in line with the code. Connected to `post_migrate`.

    Safe to repeat. Permissions that do not exist yet, because the app was migrated only part of the way, are granted
    the next time.
    """
    roles = declared_by(sender)
    if not roles or not is_ready(using):
        return
    permissions = {row.codename: row for row in of_app(sender, using)}
    rename(sender, permissions, using)
    for role, codenames in roles.items():
        group, _created = Group.objects.using(using).get_or_create(name=role)
        group.permissions.remove(*(row for codename, row in permissions.items() if codename not in codenames))
        group.permissions.add(*(row for codename, row in permissions.items() if codename in codenames))


def is_ready(using: str) -> bool:
    """Whether the tables of django.contrib.auth are there."""
    return Group._meta.db_table in connections[using].introspection.table_names()


def of_app(config: AppConfig, using: str) -> list[Permission]:
    return list(Permission.objects.using(using).filter(content_type__app_label=config.label))


def rename(config: AppConfig, permissions: Mapping[str, Permission], using: str) -> None:
    """Updates names from `Meta.permissions`: Django writes them once and never looks again."""
    with override(settings.LANGUAGE_CODE):
        names = {codename: str(name) for model in config.get_models() for codename, name in model._meta.permissions}
    for codename, row in permissions.items():
        if codename in names and row.name != names[codename]:
            Permission.objects.using(using).filter(pk=row.pk).update(name=names[codename])
