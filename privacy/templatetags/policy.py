"""Template filters for texts of a snapshot."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from privacy.policy import banner
from privacy.policy.registry_diff import in_active_language
from privacy.policy.snapshots import Texts
from privacy.registry.retention import spell

register = template.Library()


@register.filter
def said(texts: Texts) -> str:
    """A text of a snapshot, in the language of the page."""
    return in_active_language(texts)


@register.filter
def lasting(seconds: int | None) -> str:
    """The lifetime of a cookie in words."""
    return _("until you close the browser") if seconds is None else spell(timedelta(seconds=seconds))


@register.inclusion_tag("privacy/notice.html")
def policy_notice() -> dict[str, object]:
    return {"version": banner.current()}
