"""Django's own messages that our Vietnamese catalogue translates, because Django doesn't or does it badly.

Naming them here keeps them in the catalogue, which `make messages` writes from the sources.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

OURS = [
    _("This field is required."),
    _("Enter a valid email address."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        0,
    ),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    ngettext_lazy("Please correct the error below.", "Please correct the errors below.", 0),
    _("Skip to main content"),
    _("Breadcrumbs"),
    _("Sidebar"),
    _("Toggle navigation"),
    _("Filter navigation items"),
    _("Toggle theme (current theme: auto)"),
    _("Toggle theme (current theme: light)"),
    _("Toggle theme (current theme: dark)"),
    _("Error:"),
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("Models in the %(name)s application"),
    _(" By %(filter_title)s "),
    _("Show counts"),
    _("Hide counts"),
    _("Empty"),
    _("Not empty"),
    _("Action:"),
    _("Go"),
    _("Run the selected action"),
    _("0 of %(cnt)s selected"),
    ngettext_lazy(
        "%(total_count)s selected",
        "All %(total_count)s selected",
        0,
    ),
    _("Select all %(total_count)s %(module_name)s"),
    _("Items must be selected in order to perform actions on them. No items have been changed."),
    _("No action selected."),
    _("Select all objects on this page for an action"),
    _("Select this object for an action - {}"),
    _("History"),
    _("Log out"),
    _("Add"),
    _("Add %(name)s"),
    _("None available"),
    _("users"),
    _("groups"),
    _("permissions"),
    _("user permissions"),
    _("staff status"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Password-based authentication"),
    _(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
        "authenticate using other backends, such as Single Sign-On or LDAP."
    ),
    _("Enabled"),
    _("Disabled"),
    _("Set password"),
    _("Set password: %s"),
    _("Reset password"),
    _("Enable password-based authentication"),
    _("Enable password-based authentication for this user by setting a password."),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    _("Disable password-based authentication"),
    _("Password-based authentication was disabled."),
    _("Conflicting form data submitted. Please try again."),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        0,
    ),
    _(
        "Enter a valid username. This value may contain only unaccented lowercase a-z and uppercase A-Z letters, "
        "numbers, and @/./+/-/_ characters."
    ),
    _("View selected %(model)s"),
    _("Added:"),
    _("Changed:"),
    _("Deleted:"),
    _("Forgotten your login credentials?"),
    _("This object doesn’t have a change history. It probably wasn’t added via this admin site."),
]
