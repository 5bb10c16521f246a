"""The staff's card of what will be purged next."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.site import Card
from privacy.rights import purge

A_DAY = timedelta(days=1)
MOST = 1000  # rows that are counted, which is precise enough for a card


def next_purge(request: HttpRequest) -> Card | None:
    """The card of what is purged within a day; the worker purges every hour."""
    if not request.user.has_perm("privacy.view_datarequest"):
        return None
    rows = []
    for rule in purge.rules():
        count = len(rule.due(A_DAY).values_list("pk")[:MOST])
        if count:
            rows.append((f"{rule.declaration.name}: {rule.keep}", [f"{MOST}+" if count == MOST else count]))
    return Card(name=_("To be purged within a day"), columns=[_("rows")], rows=rows or [(_("nothing"), [0])])
