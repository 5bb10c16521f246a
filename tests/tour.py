"""A tour of the site: every page that is not the staff's, in each state worth looking at.

`furnish` fills the database with what the stops need, through the same verbs as in real life and with fixed keys, so
that the stops are a plain list: tests of HTML, of accessibility and of layout walk it, and whoever takes pictures does.
Pages of errors need ROOT_URLCONF = URLCONF. test_tour.py sees that no address is forgotten.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from core.moderation import Status
from core.pictures.masters import Master, make_master
from core.site import sites
from demo.pageant import pictures
from demo.pageant.people import PAGEANTS, PEOPLE, Person
from demo.suggestions.websites import WEBSITES
from pageant.models import Agreement, Draft, Entry, Hobby, Pageant, Photo, SponsorReport
from pageant.sponsors import monthly_reports
from pageant.sponsors.exports import hand_over
from privacy import rate_limits
from privacy.account import magic_links
from privacy.models import DataRequest, ErasureReceipt, MailedLink, PolicyVersion
from privacy.policy import snapshots
from privacy.rights import subject_requests
from suggestions.initial_categories import make_categories
from suggestions.models import Category, Suggestion
from tests.core.factories import make_staff
from tests.pageant.factories import answer, bring_to, make_cosponsorship, make_entry, make_pageant
from tests.privacy.factories import publish_policy
from tests.suggestions.factories import make_website

URLCONF = "tests.core.broken_urls"
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def stops_of_apps() -> list["Stop"]:
    """The pages that apps declare in their `site.py`."""
    return [Stop(name, path) for site in sites() for name, path in site.tour.items()]


@dataclass(frozen=True, eq=False)
class Stop:
    """A page in some state. `path` is its address in English; `post` is sent there where it isn't None.

    Before it comes the answer about cookies, if there is one, and then the paths in `visited`.
    """

    name: str
    path: str
    status: int = 200
    post: Mapping[str, str] | None = None
    choice: str = ""
    visited: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def path_in(self, language: str) -> str:
        return self.path if language == settings.LANGUAGE_CODE else f"/{language}{self.path}"


def path_of(name: str) -> str:
    """Of what is behind the token that is called so."""
    return f"/privacy/you/{token(name)}/"


def token(name: str) -> str:
    return name.ljust(43, "-")  # as long as real ones


PAST, OPEN, UPCOMING = (f"/pageants/{model.slug}/" for model in PAGEANTS)
EMPTY = "/pageants/new-voices/"  # open, without an entry
FULL = "/pageants/village-songs/"  # past, with more entries than a page shows
ENTRY, LONG_ENTRY, BARE_ENTRY = (f"{OPEN}entries/{key}/" for key in ("full", "long", "bare"))
OWN, STRANGER = path_of("own"), path_of("stranger")
LISTING = "/websites/listings/silent/"
SUGGEST = "/websites/suggest/"
COOKIES, PREFERENCES = "/privacy/cookies/", "/privacy/cookies/preferences/"
ASK = "/privacy/you/"
NOBODY = {"email": "not an address"}
DRAFT = "tour".ljust(22, "-")
TOO_OFTEN = "often@example.com"
LIKED = (OPEN, f"{OPEN}?place=hue&hobby=h%C3%A1t")

# What somebody sends who gets everything wrong, or a part of it.
WRONG_ENTRY = {"display_name": "!!!", "email": "lan@", "hobbies": "đàntranh" * 9}
KEPT_ENTRY = {
    "draft": DRAFT, "display_name": "Lan Anh", "email": "lan@", "lives_in": "Đà Lạt", "hobbies": "hát",
    "is_adult": "on",
}  # fmt: skip
PLACES = {"places": "Huế\nVinh\nMỹ Tho\nĐà Lạt\nCà Mau\nSa Pa"}  # one too many
SUGGESTION = {
    "url": WEBSITES[0].url, "title": "Lan Anh", "description": "Một trang hay.", "name": "Lan",
    "email": "lan@example.org",
}  # fmt: skip

STOPS = [
    *stops_of_apps(),
    Stop("home", "/"),
    Stop("home, with all allowed", "/", choice="all", visited=LIKED),
    Stop("home, with all refused", "/", choice="none"),
    Stop("home, with Global Privacy Control", "/", headers={"Sec-GPC": "1"}),
    Stop("pageant, open", OPEN),
    Stop("pageant, without an entry", EMPTY),
    Stop("pageant, upcoming", UPCOMING),
    Stop("pageant, past", PAST),
    Stop("pageant, many entries", FULL),
    Stop("gallery, found", f"{OPEN}?q=dan&sort=oldest"),
    Stop("gallery, nobody found", f"{OPEN}?q=zzz"),
    Stop("gallery, a search too long", f"{OPEN}?q={'x' * 101}"),
    Stop("entry", ENTRY),
    Stop("entry, all of it long", LONG_ENTRY),
    Stop("entry, only a name", BARE_ENTRY),
    Stop("entry, report", f"{ENTRY}report/"),
    Stop("entry, report with errors", f"{ENTRY}report/", post={}),
    Stop("entry, reported", f"{OPEN}reported/"),
    Stop("enter", f"{OPEN}enter/"),
    Stop("enter, with errors", f"{OPEN}enter/", post=WRONG_ENTRY),
    Stop("enter, with photos kept", f"{OPEN}enter/", post=KEPT_ENTRY),
    Stop("enter, not open yet", f"{UPCOMING}enter/"),
    Stop("enter, closed", f"{PAST}enter/"),
    Stop("entered", f"{OPEN}enter/sent/"),
    Stop("websites, found", "/websites/?q=nhac"),
    Stop("websites, none found", "/websites/?q=zzz"),
    Stop("websites, a category", "/websites/artists-bands/"),
    Stop("websites, an empty category", "/websites/new/"),
    Stop("website", LISTING),
    Stop("website, reported", "/websites/reported/"),
    Stop("suggest, with errors", SUGGEST, post={"url": "javascript:alert(1)", "email": "lan@"}),
    Stop("suggest, here already", SUGGEST, post=SUGGESTION),
    Stop("suggested", f"{SUGGEST}sent/"),
    Stop("policy, all versions", "/privacy/versions/"),
    Stop("policy, an old version", "/privacy/versions/1/"),
    Stop("policy, first version's changes", "/privacy/versions/1/changes/"),
    Stop("policy, a material change", "/privacy/versions/2/changes/"),
    Stop("policy, a minor change", "/privacy/versions/3/changes/"),
    Stop("cookies, all allowed", COOKIES, choice="all", visited=LIKED),
    Stop("cookies, all refused", COOKIES, choice="none"),
    Stop("cookies, with Global Privacy Control", COOKIES, headers={"Sec-GPC": "1"}),
    Stop("cookies, without a button", COOKIES, 400, post={}),
    Stop("cookies, preferences with errors", PREFERENCES, choice="all", visited=LIKED, post=PLACES),
    Stop("sponsors' report", f"/privacy/sponsors/{PAGEANTS[1].slug}/2026-03/"),
    Stop("sponsors' report, too few", f"/privacy/sponsors/{PAGEANTS[1].slug}/2026-02/"),
    Stop("your link, with errors", ASK, post=NOBODY),
    Stop("your link, asked", f"{ASK}asked/"),
    Stop("your link, too often", ASK, 429, post={"email": TOO_OFTEN}),
    Stop("mailed link", path_of("mailed")),
    Stop("mailed link, to confirm", path_of("confirm")),
    Stop("mailed link, too old", path_of("over"), 410),
    Stop("mailed link, unknown", path_of("unknown"), 404),
    Stop("own page", OWN),
    Stop("own page of a stranger", STRANGER),
    Stop("own page, closed", f"{ASK}closed/"),
    Stop("own page, a question", f"{OWN}question/"),
    Stop("own page, a question with errors", f"{OWN}question/", post={}),
    Stop("own page, erase", f"{OWN}erase/"),
    Stop("own page, erased", f"{ASK}erased/{'e' * 32}/"),
    Stop("own entry, edit", f"{OWN}entries/approved/edit/"),
    Stop("own entry, edit with errors", f"{OWN}entries/approved/edit/", post={"display_name": "", "draft": "x"}),
    Stop("own entry, correct", f"{OWN}entries/past/correct/"),
    Stop("own entry, correct with errors", f"{OWN}entries/past/correct/", post={"display_name": ""}),
    Stop("own entry, withdraw", f"{OWN}entries/approved/withdraw/"),
    Stop("own website, edit", f"{OWN}websites/waiting/edit/"),
    Stop("own website, edit with errors", f"{OWN}websites/waiting/edit/", post={"url": ""}),
    Stop("own website, withdraw", f"{OWN}websites/waiting/withdraw/"),
    Stop("error 400", "/pageants/?q=%00", 400),
    Stop("error 403", "/forbidden/", 403),
    Stop("error 404", "/nothing/", 404),
    Stop("error 500", "/broken/", 500),
]  # fmt: skip

FEEDS = [f"{OPEN}feed/", "/websites/feed/", "/privacy/feed/"]

# Addresses that are no pages of their own, and why.
ELSEWHERE = {
    "healthz": "for machines",
    "robots.txt": "for machines",
    "sitemap.xml": "for machines",
    "favicon.ico": "a picture",
    ".well-known/security.txt": "for machines",
    ".well-known/gpc.json": "for machines",
    "media/": "pictures",
    "pageants/<slug:slug>/enter/<str:draft_key>/<str:key>/": "a picture",
    "privacy/you/<str:token>/entries/photos/<str:key>/": "a picture",
    "privacy/you/<str:token>/entries/<str:key>/confirm/": "for posts, and leads to a person's page",
    "privacy/you/<str:token>/entries/<str:key>/sharing/<int:cosponsorship>/withdraw/": "for posts, and leads there too",
    "privacy/you/<str:token>/download/": "a file",
    "privacy/sponsors/sent/<str:token>/": "shows the report",
    "privacy/sponsors/<slug:slug>/<str:month>/report.csv": "a file",
    "admin/": "the staff's",
}


def walk(language: str) -> dict[Stop, HttpResponse]:
    """The answer at each stop, for a visitor who comes there first."""
    return {stop: ask(stop, language) for stop in STOPS}


def ask(stop: Stop, language: str) -> HttpResponse:
    client = Client(raise_request_exception=False)
    if stop.choice:
        client.post(COOKIES, {"choice": stop.choice})
    for path in stop.visited:
        client.get(path)
    path = stop.path_in(language)
    if stop.post is None:
        return client.get(path, headers=stop.headers)
    return client.post(path, stop.post, headers=stop.headers)


# What the stops show


def furnish() -> None:
    """Fills an empty database. The same people, texts and pictures as in the demo, but fewer."""
    staff = make_staff()
    make_categories("default")
    past, current, _upcoming = [pageant_like(model) for model in PAGEANTS]
    fill_galleries(past, current, staff)
    fill_directory(staff)
    fill_own_page(past, current, staff)
    publish_policies()
    make_links()
    SponsorReport.objects.create(pageant=current, month=date(2026, 3, 1), numbers=NUMBERS)
    SponsorReport.objects.create(pageant=current, month=date(2026, 2, 1), numbers={name: [] for name in NUMBERS})
    ErasureReceipt.objects.create(
        key="e" * 32, subject_digest="0" * 64, erased_at=timezone.now(), kinds={"pageant.Entry": 1, "pageant.Photo": 3}
    )
    for _time in range(rate_limits.MAILS.most):
        rate_limits.MAILS.spend(TOO_OFTEN)


def pageant_like(model: Any) -> Pageant:
    names = [f"{name}_{language}" for name in ("title", "description", "rules") for language in LANGUAGES]
    times = {"opens_at": timezone.now() + model.opening, "closes_at": timezone.now() + model.closing}
    return make_pageant(slug=model.slug, **{name: getattr(model, name) for name in names}, **times)


@cache
def master_of(seed: int) -> Master:
    size = ((480, 600), (600, 450), (540, 540))[seed % 3]
    return make_master(io.BytesIO(pictures.draw(seed, size=size)))


def enter(person: Person, pageant: Pageant, *, status: str, staff: User, photos: int = 1, **fields: Any) -> Entry:
    texts = {
        name: getattr(person, name) for name in ("display_name", "lives_in", "favourite_food", "about", "language")
    }
    entry = make_entry(
        pageant, status=Status.UNCONFIRMED, photos=0, hobbies=[name.lower() for name in person.hobbies],
        **{**texts, **fields},
    )  # fmt: skip
    for position, seed in enumerate(person.photos[:photos], start=1):
        text = pictures.describe(seed, person.language)
        Photo.objects.add(master_of(seed), entry=entry, position=position, description=text)
    bring_to(entry, Status(status), staff)
    return entry


def fill_galleries(past: Pageant, current: Pageant, staff: User) -> None:
    days = timedelta(days=1)
    make_pageant(slug="new-voices", title_en="New Voices", title_vi="Giọng hát mới")
    full = make_pageant(
        slug="village-songs", title_en="Village Songs", title_vi="Khúc hát làng quê",
        opens_at=timezone.now() - 600 * days, closes_at=timezone.now() - 560 * days,
    )  # fmt: skip
    approved = {"status": Status.APPROVED, "staff": staff}
    for person in PEOPLE[:3]:
        enter(person, past, **approved)
    for person in PEOPLE[3:28]:
        enter(person, full, photos=0, **approved)
    # As long as the form takes them, without a space to break at.
    make_entry(
        current, key="long", display_name="Nguyễn" * 10, lives_in="Thừa-Thiên-Huế" * 5, about="Xin_chào!" * 50,
        favourite_food="Bánh-bèo-" * 8, hobbies=("đàntranh" * 5,), staff=staff,
    )  # fmt: skip
    make_entry(current, key="bare", display_name="Bảo", language="en", staff=staff)
    for person in PEOPLE[30:34]:
        enter(person, current, **approved)
    enter(PEOPLE[29], current, key="full", photos=3, lives_in="Huế", **approved)
    Entry.objects.get(key="full").hobbies.add(Hobby.objects.get_or_create(name="hát")[0])
    Photo.objects.add(
        master_of(1), draft=Draft.objects.create(pageant=current, key=DRAFT), description="Cây đàn của mẹ"
    )


def fill_directory(staff: User) -> None:
    for one in (*WEBSITES[:3], *WEBSITES[5:7]):
        website(one, staff=staff)
    silent = website(WEBSITES[3], staff=staff, key="silent", show_name=True, name="Trần Thị Minh Khai")
    week = timezone.now() - timedelta(days=9)
    Suggestion.objects.filter(pk=silent.pk).update(
        silent_since=week, first_failure_at=week, last_alive_at=week, failures=3
    )
    website(
        WEBSITES[4], staff=staff, language="vi", title="Nguyễn" * 16,
        description="Xin_chào!" * 60, name="Nguyễn" * 10, show_name=True,
        url=f"https://{'a' * 60}.{'b' * 60}.example/",
    )  # fmt: skip
    Category.objects.create(slug="new", name_en="Sheet music", name_vi="Bản nhạc", position=999)


def website(model: Any, *, staff: User, **fields: Any) -> Suggestion:
    texts = {"title": model.title, "description": model.description, "url": model.url, "language": model.language}
    category = Category.objects.get(slug=model.category)
    return make_website(category, staff=staff, **{**texts, "site_language": model.site, **fields})


def fill_own_page(past: Pageant, current: Pageant, staff: User) -> None:
    """One person with something in every state."""
    mine = {"email": "lan@example.com", "language": "vi", "staff": staff}
    sponsors = [
        make_cosponsorship(current, sponsor_name="Đàn & Phím", fields=["display_name", "email", "lives_in"]),
        make_cosponsorship(current, sponsor_name="Trống Đồng"),
    ]
    entry = enter(PEOPLE[28], current, status=Status.APPROVED, photos=2, key="approved", **mine)
    entry.agree_to_be_shown("Tôi đồng ý cho hiện bài dự thi này.")
    answer(entry, sponsors[0])
    answer(entry, sponsors[1], agreed=False)
    hand_over(sponsors[0], by=staff)
    enter(PEOPLE[28], past, status=Status.APPROVED, photos=0, key="past", **mine)
    enter(PEOPLE[28], Pageant.objects.get(slug="village-songs"), status=Status.REJECTED, key="rejected", **mine)
    enter(PEOPLE[28], Pageant.objects.get(slug="new-voices"), status=Status.WITHDRAWN, key="withdrawn", **mine)
    enter(PEOPLE[28], Pageant.objects.get(slug="new-voices"), status=Status.UNCONFIRMED, key="unconfirmed", **mine)
    other = make_pageant(slug="autumn", title_en="Autumn", title_vi="Mùa thu")
    enter(PEOPLE[28], other, status=Status.WAITING, key="waiting", **mine)
    for model, status in zip(WEBSITES[10:14], ("waiting", "approved", "rejected", "withdrawn"), strict=True):
        website(model, staff=staff, key=status, status=status, name="Lan", email="lan@example.com")
    question = DataRequest(kind=DataRequest.Kind.CORRECT, text="Tên của tôi viết sai.")
    subject_requests.receive(question, email="lan@example.com", language="vi")


def publish_policies() -> None:
    """Two more versions: one that tells of more cookies, long ago, and one that tells of what there is."""
    current = PolicyVersion.objects.current()
    more = snapshots.take()
    more["cookies"] = [*more["cookies"], {**more["cookies"][0], "name": "jukebox"}]
    with time_machine.travel(timezone.now() - 2 * PolicyVersion.NOTICE_PERIOD):
        publish_policy(more, summary_en="A jukebox that plays on.", summary_vi="Có máy hát, nhạc không ngắt quãng.")
    publish_policy(text_en=f"{current.text_en}\n\nThe jukebox is gone.", text_vi=f"{current.text_vi}\n\nMáy hát đã bỏ.")


def make_links() -> None:
    purpose = MailedLink.Purpose
    hour = timezone.now() + timedelta(hours=1)
    kinds: dict[str, dict[str, Any]] = {
        "own": {"purpose": purpose.PAGE},
        "stranger": {"purpose": purpose.PAGE, "email": "stranger@example.com"},
        "mailed": {"purpose": purpose.OPEN},
        "confirm": {"purpose": purpose.CONFIRM, "subject": "entry:unconfirmed"},
        "over": {"purpose": purpose.OPEN, "expires_at": timezone.now()},
    }
    for name, fields in kinds.items():
        plain = {"email": "lan@example.com", "language": "vi", "expires_at": hour}
        MailedLink.objects.create(token_digest=magic_links.token_digest(token(name)), **{**plain, **fields})


def spans(*people: int) -> list[dict[str, Any]]:
    return [{"first": f"2026-03-{day:02}", "last": f"2026-03-{day:02}", "people": n} for day, n in enumerate(people, 1)]


def cells(**people: int) -> list[dict[str, Any]]:
    return [{"label": label, "people": n} for label, n in people.items()]


NUMBERS = {
    "entries": 120,
    "entries_by_day": spans(10, 20, 10, 40, 30, 10),
    "places": [*cells(Huế=60, Vinh=40), {"label": None, "people": 20}],
    "hobbies": cells(hát=80, nấu_ăn=50),
    "visitors": 840,
    "visitors_by_day": spans(*range(30, 340, 10)),
    "languages": cells(vi=600, en=240),
}


# One visit for all tests


@dataclass(frozen=True)
class Visit:
    """All that leaves the site on one tour."""

    pages: Mapping[str, Mapping[Stop, HttpResponse]]  # by language
    mails: Sequence[Email]
    exports: Mapping[str, str]  # by language, the page that explains the data
    feeds: Mapping[str, HttpResponse]  # by path, with a text that looks like HTML in it
    texts: Mapping[str, Sequence[str]]  # by language, what people wrote, the first line of each


@cache
def visit() -> Visit:
    """Takes the tour in both languages, once in each process, in an empty database."""
    furnish()
    pages = {language: walk(language) for language in LANGUAGES}
    monthly_reports.send(SponsorReport.objects.first())
    Agreement.objects.sharing().in_force().first().withdraw()
    for prefix in ("", "/vi"):
        Client().post(f"{prefix}{ASK}", {"email": "lan@example.com"})
    exports = {language: export_in(language) for language in LANGUAGES}
    texts = written()
    Entry.objects.filter(key="full").update(about=f"{STRANGE} or not?\n\nYes.")
    Suggestion.objects.filter(key="silent").update(description=STRANGE)
    feeds = {path: Client().get(path) for path in FEEDS}
    return Visit(pages, list(Email.objects.all()), exports, feeds, texts)


STRANGE = "a <b>bold</b> & <img src=x onerror=alert(1)> word"


def export_in(language: str) -> str:
    path = f"{OWN}download/"
    response = Client().get(path if language == "en" else f"/{language}{path}")
    return zipfile.ZipFile(io.BytesIO(response.getvalue())).read("index.html").decode()


def written() -> dict[str, list[str]]:
    """Texts of people, the first line of each."""
    texts = [(entry.language, entry.about) for entry in Entry.objects.public()]
    texts += [(photo.entry.language, photo.description) for photo in Photo.objects.exclude(entry=None)]
    texts += [(one.language, one.description) for one in Suggestion.objects.public()]
    texts += [(one.language, one.text) for one in Agreement.objects.filter(cosponsorship=None)]
    return {
        language: [text.split("\n")[0] for one, text in texts if text and one == language] for language in ("en", "vi")
    }
