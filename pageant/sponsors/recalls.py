"""Recalls data from a co-sponsor: a row on the ledger and a mail, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from core import mail
from privacy.models import Pseudonym
from privacy.registry.finders import Subject
from privacy.registry.lookup import rows_of
from privacy.sharing import ledger

if TYPE_CHECKING:  # an agreement recalls data, so at run time the arrow points this way only
    from pageant.models import Cosponsorship


def recall(cosponsorship: Cosponsorship, email_digest: str) -> None:
    """Recalls from one co-sponsor what it has received about the person with that digest, if anything."""
    pseudonyms = Pseudonym.objects.filter(subject_digest=email_digest, about=cosponsorship.about)
    for pseudonym in pseudonyms.values_list("key", flat=True):
        call_back(cosponsorship, pseudonym)


def recall_all(subject: Subject) -> None:
    """Recalls a person's data from every co-sponsor, before the person is erased."""
    from pageant.models import Cosponsorship  # noqa: PLC0415  whose module needs this one

    pseudonyms = rows_of(Pseudonym, subject).order_by("pk").values_list("key", "about")
    for pseudonym, about in list(pseudonyms):
        cosponsorship = Cosponsorship.named(about)
        if cosponsorship:
            call_back(cosponsorship, pseudonym)


def call_back(cosponsorship: Cosponsorship, pseudonym: str) -> None:
    row = ledger.recall(pseudonym)
    if row and cosponsorship.contact_email:
        mail.queue(
            "pageant/recall",
            {"row": row, "cosponsorship": cosponsorship},
            to=cosponsorship.contact_email,
            language=settings.LANGUAGE_CODE,
        )
