"""Staff accounts in the admin, with permissions in the reader's language and second factors that superusers reset."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.second_factor import number_of, turn_off, with_second_factor


def label_of(permission: Permission) -> str:
    return f"{permission.content_type} | {name_of(permission)}"


def name_of(permission: Permission) -> str:
    """A permission's name, translated. Django's four are composed here; models declare the texts of all others."""
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
            field.label_from_instance = label_of
        return field


# Nobody reads or enters other people's secrets: devices have no pages.
admin.site.unregister([Group, User, TOTPDevice, StaticDevice])


@admin.register(Group)
class StaffGroupAdmin(TellsPermissions, GroupAdmin):
    pass


@admin.register(User)
class StaffUserAdmin(TellsPermissions, UserAdmin):
    list_display = ("username", "email", "is_active", "is_superuser", "has_second_factor")
    actions = ["reset_second_factor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return with_second_factor(super().get_queryset(request))

    @admin.display(boolean=True, description=gettext_lazy("second factor"))
    def has_second_factor(self, user: User) -> bool:
        return number_of(user) is not None

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.action(permissions=["reset"], description=gettext_lazy("Reset the second factor"))
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """For people who lost phone and recovery codes. Superusers turn off their own with a code, like everybody."""
        reset = [user for user in users.exclude(username=request.user.get_username()) if turn_off(user)]
        for user in reset:
            self.log_change(request, user, _("Second factor reset."))
        text = ngettext(
            "The second factor of %(count)d account was reset.",
            "The second factors of %(count)d accounts were reset.",
            len(reset),
        )
        messages.success(request, text % {"count": len(reset)})
