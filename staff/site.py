"""What accounts of staff bring to the rest of the site: the card of mails that don't arrive, and their queue."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from post_office.models import STATUS, Email

from core import mail_delivery, mail_server
from core.counting import counts, up_to
from core.site import Card, Queue, Site

MOST = 1000  # mails that are counted


def mails(request: HttpRequest) -> Card | None:
    """The card of mails, for those who may see mails, while there is something to see to."""
    if not request.user.has_perm("post_office.view_email"):
        return None
    waiting, failed = counts([mail_delivery.unsent(), Email.objects.filter(status=STATUS.failed)], at_most=MOST)
    server = mail_server.state()
    if not (failed or server.failures or server.doubts):
        return None
    rows: list[tuple[str, list[int | str]]] = [
        (_("waiting to be sent"), [up_to(MOST, waiting)]),
        (_("could not be delivered"), [up_to(MOST, failed)]),
        (_("may have arrived twice, so far"), [server.doubts]),
    ]
    url = reverse("admin:post_office_email_changelist")
    return Card(name=_("Mails"), columns=[pgettext("mails", "number")], rows=rows, url=url)


QUEUES = {"mails to send": Queue(mail_delivery.unsent, since="created")}

SITE = Site(staff_cards=[mails], queues=QUEUES)
