"""Roles: groups whose permissions the code declares."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from core import role_sync
from core.role_sync import MODERATORS, PRIVACY_OFFICERS

APPS = [config for config in apps.get_app_configs() if role_sync.declared_by(config)]


def permissions_of(role: str) -> set[tuple[str, str]]:
    rows = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return set(rows)


def declared(role: str) -> set[tuple[str, str]]:
    return {(config.label, codename) for config in APPS for codename in role_sync.declared_by(config).get(role, [])}


def migrated() -> None:
    for config in APPS:
        role_sync.sync(config, "default")


def test_apps_with_staff_declare_roles():
    assert {config.label for config in APPS} >= {"pageant", "privacy", "suggestions"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [MODERATORS, PRIVACY_OFFICERS])
def test_role_has_just_what_is_declared(role):
    migrated()

    assert permissions_of(role) == declared(role)


@pytest.mark.django_db
def test_permission_that_is_declared_no_longer_goes_and_a_missing_one_comes():
    migrated()
    group = Group.objects.get(name=MODERATORS)
    group.permissions.add(Permission.objects.get(codename="delete_entry"))
    group.permissions.remove(Permission.objects.get(codename="moderate_entry"))

    migrated()

    assert permissions_of(MODERATORS) == declared(MODERATORS)


@pytest.mark.django_db
def test_permission_of_another_app_and_another_group_stay():
    migrated()
    extra = Permission.objects.get(codename="view_user")
    Group.objects.get(name=MODERATORS).permissions.add(extra)
    own = Group.objects.create(name="Editors")
    own.permissions.add(Permission.objects.get(codename="delete_entry"))

    migrated()

    assert permissions_of(MODERATORS) - declared(MODERATORS) == {("auth", "view_user")}
    assert permissions_of("Editors") == {("pageant", "delete_entry")}


@pytest.mark.django_db
def test_permission_is_called_as_its_model_says():
    named = Permission.objects.filter(codename="view_suggestion_email")
    name = named.get().name
    named.update(name="as it was called before")

    migrated()

    assert named.get().name == name


@pytest.mark.django_db
def test_migrating_syncs_roles():
    Group.objects.all().delete()

    call_command("migrate", verbosity=0)

    assert permissions_of(PRIVACY_OFFICERS) == declared(PRIVACY_OFFICERS)
