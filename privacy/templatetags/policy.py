from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

from privacy import notice
from privacy.changes import speak
from privacy.retention import spell
from privacy.snapshots import Texts

register = template.Library()


@register.filter
def said(texts: Texts) -> str:
    """A text of a snapshot, in the language of the page."""
    return speak(texts)


@register.filter
def lasting(seconds: int | None) -> str:
    """The lifetime of a cookie in words."""
    return _("until you close the browser") if seconds is None else spell(timedelta(seconds=seconds))


@register.inclusion_tag("privacy/notice.html")
def policy_notice() -> dict[str, object]:
    return {"version": notice.current()}
