"""Texts of Django that our Vietnamese catalogue words anew: Django lacks them there, or words them badly.

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
    _("This object doesn’t have a change history. It probably wasn’t added via this admin site."),
]
