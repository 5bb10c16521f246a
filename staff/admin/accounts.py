"""Staff accounts in the admin, with permissions in the reader's language."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import models
from django.utils.translation import gettext as _


def told(permission: Permission) -> str:
    return f"{permission.content_type} | {name_of(permission)}"


def name_of(permission: Permission) -> str:
    """Django's four are composed; the others are texts of the models that declare them."""
    model = permission.content_type.model_class()
    action = permission.codename.partition("_")[0]
    if model is None or permission.name != f"Can {action} {model._meta.verbose_name_raw}":
        return _(permission.name)
    composed = {
        "add": _("Can add: %(what)s"),
        "change": _("Can change: %(what)s"),
        "delete": _("Can delete: %(what)s"),
        "view": _("Can view: %(what)s"),
    }
    return composed[action] % {"what": model._meta.verbose_name}


class TellsPermissions(admin.ModelAdmin):
    """A model admin with a field of permissions."""

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: Any = None, **options: Any
    ) -> forms.ModelMultipleChoiceField | None:
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.remote_field.model is Permission:
            field.queryset = field.queryset.select_related("content_type")
            field.label_from_instance = told
        return field


admin.site.unregister([Group, User])


@admin.register(Group)
class StaffGroupAdmin(TellsPermissions, GroupAdmin):
    pass


@admin.register(User)
class StaffUserAdmin(TellsPermissions, UserAdmin):
    pass
