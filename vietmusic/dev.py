"""What only makers see, with DEBUG on: the mails that were sent, so that none needs a mailbox, and the styleguide."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.admin.site import Card
from core.charts import Bars, Series
from core.moderation import Status
from pageant.forms import ReportForm
from pageant.models import Entry, Pageant, Photo
from privacy.cookies.preferences import Preferences
from privacy.models import CookieChoice, PolicyVersion
from privacy.registry.purposes import ASKED
from suggestions.models import Category, Report, Suggestion

MAILS_SHOWN = 50
LONG_NAME = "Công Tằng Tôn Nữ Nguyễn Phước Huyền Trân Thị Ngọc Khánh Vân Anh"[:60]
WITHOUT_SPACES = "Đồng_bằng_sông_Cửu_Long_" * 6


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
    """Every component with contents as long, as short and as broken as they come. The samples are in no database."""
    return render(request, "dev/styleguide.html", samples())


def samples() -> dict[str, Any]:
    now = timezone.now()
    times = {"opens_at": now - timedelta(days=20), "closes_at": now + timedelta(days=10)}
    text = "Singers, players of the đàn tranh, and people who only sing in the kitchen: show us who you are."
    pageant = Pageant(slug="sample", title_en="Sample", title_vi="Mẫu", description_en=text, description_vi=text)
    pageant.opens_at, pageant.closes_at, pageant.entry_count = times["opens_at"], times["closes_at"], 1234
    upcoming = Pageant(slug="sample", title_en=LONG_NAME, title_vi=LONG_NAME, description_en=text, description_vi=text)
    upcoming.opens_at, upcoming.closes_at = now + timedelta(days=10), now + timedelta(days=20)
    past = Pageant(slug="sample", title_en="Past", title_vi="Đã qua", description_en=text, description_vi=text)
    past.opens_at, past.closes_at, past.entry_count = now - timedelta(days=20), now - timedelta(days=10), 1
    category = Category(slug="sample", name_en="Sample", name_vi="Mẫu")
    return {
        "colours": colours(),
        "pageants": [with_missing_faces(pageant), past, upcoming],
        "entries": [
            an_entry(pageant, display_name="An Nhiên", lives_in="Huế"),
            an_entry(pageant, display_name=LONG_NAME, lives_in=WITHOUT_SPACES[:60]),
            an_entry(pageant, display_name="Không ảnh", covers=[]),
        ],
        "listings": [
            a_listing(category, title="Nhạc Huế", silent_since=None),
            a_listing(category, title=WITHOUT_SPACES[:100], description=WITHOUT_SPACES, silent_since=now),
        ],
        "reasons": Report.Reason.choices,
        "form": ReportForm({"note": "x" * 2_000}),
        "states": Status.choices,
        "liked": Preferences(places=("Huế", "Đà Lạt"), hobbies=("hát",)),
        "other": "en" if get_language() == "vi" else "vi",
        "receipt": {
            "record": CookieChoice(key="0" * 32, made_at=now, answers={purpose.key: False for purpose in ASKED}),
            "language": get_language(),
            "words": text,
        },
        "version": PolicyVersion(number=2, published_at=now, summary_en="A summary.", summary_vi="Tóm tắt."),
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


def a_photo() -> Photo:
    """One whose files are missing."""
    return Photo(key="0" * 32, width=1000, height=1250, colour="#5e1013", description="A picture that is not there")


def with_missing_faces(pageant: Pageant) -> Pageant:
    pageant.faces = [a_photo() for _ in range(3)]
    return pageant


def an_entry(pageant: Pageant, *, covers: list[Photo] | None = None, **fields: Any) -> Entry:
    entry = Entry(pageant=pageant, key="0" * 16, language="vi", **fields)
    entry.covers = [a_photo()] if covers is None else covers
    return entry


def a_listing(category: Category, **fields: Any) -> Suggestion:
    now = timezone.now()
    words = {"url": "https://nhac.example/", "host": "nhac.example", "description": "Ca Huế trên sông Hương."}
    listing = Suggestion(category=category, key="0" * 16, site_language="vi", language="vi", **words | fields)
    listing.published_at, listing.last_alive_at, listing.show_name, listing.name = now, now, True, "Linh"
    return listing
