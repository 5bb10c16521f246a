"""The tour of the pageants, their co-sponsors and what people do with their own entries."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from core.moderation import Status
from core.pictures.masters import Master, make_master
from demo.pageant import pictures
from demo.pageant.people import PAGEANTS, PEOPLE, Person
from pageant.models import Agreement, Draft, Entry, Hobby, Pageant, Photo, SponsorReport
from pageant.sponsors import monthly_reports
from pageant.sponsors.exports import hand_over
from tests.pageant.factories import answer, bring_to, make_cosponsorship, make_entry, make_pageant
from tests.stops import COOKIES, LAN, LANGUAGES, OWN, Leg, Stop

PAST, OPEN, UPCOMING = (f"/pageants/{model.slug}/" for model in PAGEANTS)
EMPTY = "/pageants/new-voices/"  # open, without an entry
FULL = "/pageants/village-songs/"  # past, with more entries than a page shows
ENTRY, LONG_ENTRY, BARE_ENTRY = (f"{OPEN}entries/{key}/" for key in ("full", "long", "bare"))
DRAFT = "tour".ljust(22, "-")
LIKED = (OPEN, f"{OPEN}?place=hue&hobby=h%C3%A1t")

# What somebody sends who gets everything wrong, or a part of it.
WRONG_ENTRY = {"display_name": "!!!", "email": "lan@", "hobbies": "đàntranh" * 9}
KEPT_ENTRY = {
    "draft": DRAFT, "display_name": "Lan Anh", "email": "lan@", "lives_in": "Đà Lạt", "hobbies": "hát",
    "is_adult": "on",
}  # fmt: skip
PLACES = {"places": "Huế\nVinh\nMỹ Tho\nĐà Lạt\nCà Mau\nSa Pa"}  # one too many

STOPS = [
    Stop("home, with all allowed", "/", choice="all", visited=LIKED),
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
    Stop("cookies, all allowed", COOKIES, choice="all", visited=LIKED),
    Stop("cookies, preferences with errors", f"{COOKIES}preferences/", choice="all", visited=LIKED, post=PLACES),
    Stop("sponsors' report", f"/privacy/sponsors/{PAGEANTS[1].slug}/2026-03/"),
    Stop("sponsors' report, too few", f"/privacy/sponsors/{PAGEANTS[1].slug}/2026-02/"),
    Stop("own entry, edit", f"{OWN}entries/approved/edit/"),
    Stop("own entry, edit with errors", f"{OWN}entries/approved/edit/", post={"display_name": "", "draft": "x"}),
    Stop("own entry, correct", f"{OWN}entries/past/correct/"),
    Stop("own entry, correct with errors", f"{OWN}entries/past/correct/", post={"display_name": ""}),
    Stop("own entry, withdraw", f"{OWN}entries/approved/withdraw/"),
]  # fmt: skip

ELSEWHERE = {
    "pageants/<slug:slug>/enter/<str:draft_key>/<str:key>/": "a picture",
    "privacy/you/<str:token>/entries/photos/<str:key>/": "a picture",
    "privacy/you/<str:token>/entries/<str:key>/confirm/": "for posts, and leads to a person's page",
    "privacy/you/<str:token>/entries/photos/<str:key>/arrange/": "for posts, and leads there too",
    "privacy/you/<str:token>/entries/<str:key>/sharing/<int:cosponsorship>/withdraw/": "for posts, and leads there too",
    "privacy/sponsors/sent/<str:token>/": "shows the report",
    "privacy/sponsors/<slug:slug>/<str:month>/report.csv": "a file",
}


def furnish(staff: User) -> None:
    past, current, _upcoming = [pageant_like(model) for model in PAGEANTS]
    fill_galleries(past, current, staff)
    fill_own_page(past, current, staff)
    SponsorReport.objects.create(pageant=current, month=date(2026, 3, 1), numbers=NUMBERS)
    SponsorReport.objects.create(pageant=current, month=date(2026, 2, 1), numbers={name: [] for name in NUMBERS})


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


def fill_own_page(past: Pageant, current: Pageant, staff: User) -> None:
    """One person with an entry in every state."""
    mine = {"email": LAN, "language": "vi", "staff": staff}
    sponsors = [
        make_cosponsorship(current, sponsor_name="Đàn & Phím", fields=["display_name", "email", "lives_in"]),
        make_cosponsorship(current, sponsor_name="Trống Đồng"),
    ]
    entry = enter(PEOPLE[28], current, status=Status.APPROVED, photos=2, key="approved", **mine)
    entry.photos.filter(position=2).update(lost_at=timezone.now())
    entry.agree_to_be_shown("Tôi đồng ý cho hiện bài dự thi này.")
    answer(entry, sponsors[0])
    answer(entry, sponsors[1], agreed=False)
    hand_over(sponsors[0], io.BytesIO(), by=staff)
    enter(PEOPLE[28], past, status=Status.APPROVED, photos=0, key="past", **mine)
    enter(PEOPLE[28], Pageant.objects.get(slug="village-songs"), status=Status.REJECTED, key="rejected", **mine)
    enter(PEOPLE[28], Pageant.objects.get(slug="new-voices"), status=Status.WITHDRAWN, key="withdrawn", **mine)
    enter(PEOPLE[28], Pageant.objects.get(slug="new-voices"), status=Status.UNCONFIRMED, key="unconfirmed", **mine)
    other = make_pageant(slug="autumn", title_en="Autumn", title_vi="Mùa thu")
    enter(PEOPLE[28], other, status=Status.WAITING, key="waiting", **mine)


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


def send_mails() -> None:
    Entry.objects.get(key="approved").ask_for_photos()
    monthly_reports.send(SponsorReport.objects.first())
    Agreement.objects.sharing().in_force().first().withdraw()


def texts() -> Iterator[tuple[str, str]]:
    yield from ((entry.language, entry.about) for entry in Entry.objects.public())
    yield from ((photo.entry.language, photo.description) for photo in Photo.objects.exclude(entry=None))
    yield from ((one.language, one.text) for one in Agreement.objects.filter(cosponsorship=None))


def write(text: str) -> None:
    Entry.objects.filter(key="full").update(about=text)


LEG = Leg(
    stops=STOPS,
    furnish=furnish,
    feeds=[f"{OPEN}feed/"],
    elsewhere=ELSEWHERE,
    send_mails=send_mails,
    texts=texts,
    write=write,
)
