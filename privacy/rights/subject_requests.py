"""Receives and answers people's requests about their data, within 30 days."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from core import mail
from privacy.account import magic_links
from privacy.models import DataRequest


@transaction.atomic
def receive(request: DataRequest, *, email: str, language: str) -> None:
    """Saves a request, and mails that we have it and until when we answer."""
    request.email, request.language = email, language
    request.save()
    mail.queue("privacy/request_received", {"request": request}, to=email, language=language)


@transaction.atomic
def answer(request: DataRequest, *, by: AbstractUser, outcome: str) -> bool:
    """Closes a request, and mails what was done. Returns False if somebody else already has."""
    if not request.close(by=by, outcome=outcome):
        return False
    context = {"request": request, "outcome": outcome, "ask": magic_links.ask_url(request.language)}
    mail.queue("privacy/request_answered", context, to=request.email, language=request.language)
    return True
