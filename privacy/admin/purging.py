"""The staff's card of what will be purged next."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.counting import counts, up_to
from core.site import Card
from privacy.rights import purge

A_DAY = timedelta(days=1)
MOST = 1000  # rows that are counted, which is precise enough for a card


def next_purge(request: HttpRequest) -> Card | None:
    """The card of what is purged within a day; the worker purges every hour."""
    if not request.user.has_perm("privacy.view_datarequest"):
        return None
    rules = list(purge.rules())
    numbers = counts([rule.due(A_DAY) for rule in rules], at_most=MOST)
    rows = [
        (f"{rule.declaration.name}: {rule.keep}", [up_to(MOST, count)])
        for rule, count in zip(rules, numbers, strict=True)
        if count
    ]
    return Card(name=_("To be purged within a day"), columns=[_("rows")], rows=rows or [(_("nothing"), [0])])
