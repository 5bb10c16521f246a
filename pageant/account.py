"""What the pageant shows on a person's own page."""

from contextlib import suppress

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.moderation import Refused, Status
from pageant.models import Entry
from privacy.account.person_page import Person
from privacy.models import MailedLink


def entries_section(request: HttpRequest, person: Person) -> SafeString | str:
    entries = (
        Entry.objects.of(person.email)
        .select_related("pageant")
        .prefetch_related("photos", "hobbies", "agreements__entry", "agreements__cosponsorship")
    )
    entries = entries.order_by("-created_at")
    if not entries:
        return ""
    return render_to_string("pageant/own/section.html", {"entries": entries, "person": person}, request)


class EntryConfirmation:
    """A link that proves the e-mail address of an entry."""

    def describe(self, link: MailedLink, request: HttpRequest) -> SafeString:
        return render_to_string("pageant/own/confirmation.html", {"entry": self.entry(link)}, request)

    def confirm(self, link: MailedLink) -> None:
        entry = self.entry(link)
        # Gone or confirmed already: the person's page, which comes next, tells how things stand.
        if entry and entry.status == Status.UNCONFIRMED:
            with suppress(Refused):
                entry.confirm()

    def entry(self, link: MailedLink) -> Entry | None:
        key = link.subject.partition(":")[2]
        return Entry.objects.of(link.email).select_related("pageant").filter(key=key).first()
