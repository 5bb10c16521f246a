"""Pages for developers, with DEBUG on: the mails that were sent, and the styleguide."""

import re
from email import message_from_bytes, policy
from typing import Any

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.charts import Bars, Series
from core.moderation import Status
from core.site import Card, sites

MAILS_SHOWN = 50


@never_cache
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    files = sorted(settings.DEV_MAILBOX.glob("*.eml"), reverse=True)[:MAILS_SHOWN]
    mails = [(file.stem, message_from_bytes(file.read_bytes(), policy=policy.default)) for file in files]
    shown = [
        {
            "name": name,
            "to": mail["To"],
            "subject": mail["Subject"],
            "date": mail["Date"],
            "text": text_of(mail, "plain"),
        }
        for name, mail in mails
    ]
    return render(request, "dev/mail.html", {"mails": shown})


@csp({"default-src": [NONE], "style-src": [UNSAFE_INLINE]})
@never_cache
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part of one mail, as a mail program would show it."""
    files = {file.stem: file for file in settings.DEV_MAILBOX.glob("*.eml")}
    if name not in files:
        raise Http404
    mail = message_from_bytes(files[name].read_bytes(), policy=policy.default)
    return HttpResponse(text_of(mail, "html"))


def text_of(mail, kind: str) -> str:
    part = mail.get_body((kind,))
    return part.get_content() if part else ""


@never_cache
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with very long, very short and broken content. The samples are never saved."""
    return render(request, "dev/styleguide.html", samples())


def samples() -> dict[str, Any]:
    return {
        "apps": [
            {"template": site.samples.template, "samples": site.samples.make()} for site in sites() if site.samples
        ],
        "colours": colours(),
        "states": Status.choices,
        "other": "en" if get_language() == "vi" else "vi",
        "chart": Bars(
            name="sample",
            title="Visits",
            summary="Ten days, between 900 and 9,300 visits each.",
            labels_are="Day",
            labels=[str(day) for day in range(1, 11)],
            series=[
                Series("Pageants", "good", [day * 500 for day in range(1, 11)]),
                Series("Websites", "wait", [400 + day * 390 for day in range(10)]),
            ],
        ),
        "card": Card(name="Queues", columns=["waiting"], rows=[("Entries", [12]), ("Websites", [3])]),
    }


def colours() -> list[str]:
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    return list(dict.fromkeys(re.findall(r"--([\w-]+):\s*#", tokens)))
