"""Loads the demo's pageants and entries through the same code paths as real ones."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from multiprocessing import get_context

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone, translation
from post_office.models import Email

from core.moderation import Refused
from core.pictures.masters import Master, make_master
from demo.pageant import people, pictures
from demo.pageant.people import PAGEANTS, PEOPLE, Person
from pageant.forms import agreement_text
from pageant.models import Cosponsorship, Entry, Hobby, Pageant, Photo, Report
from pageant.sponsors import monthly_reports
from pageant.sponsors.exports import hand_over
from pageant.sponsors.notices import notices_of
from privacy.models.audience import ALL, AudienceDay
from privacy.sharing import ledger

SIZES = ((960, 1200), (960, 1200), (1200, 900), (1080, 1080))  # pixels
IN_PAST = 12  # people, the first ones, who entered the past pageant; the others entered the open one
WAITING = 6  # people, the last ones, who still wait
REJECTED = 7  # the place, counted from the end, of the one who is rejected


def load(*, staff: AbstractUser) -> Iterator[tuple[int, int]]:
    """Makes the entries that are missing, and yields how many are made, of how many. Safe to repeat, and to kill."""
    past, current, _upcoming = [pageant_like(model) for model in PAGEANTS]
    over, in_force = sponsor(past, people.PAST_SPONSOR), sponsor(current, people.SPONSOR)
    let_people_visit(past)
    missing = [
        (number, person)
        for number, person in enumerate(PEOPLE)
        if not Entry.objects.of(email_of(number)).exists()  # also once their e-mail addresses are erased
    ]
    for made, masters in enumerate(masters_of(person for _, person in missing)):
        number, person = missing[made]
        enter(number, person, masters, pageant=past if number < IN_PAST else current, staff=staff)
        yield made + 1, len(missing)
    report_one(current)
    hand_over_once(in_force, by=staff)
    close(past, over, staff=staff)


def close(pageant: Pageant, cosponsorship: Cosponsorship, *, staff: AbstractUser) -> None:
    """Leaves a pageant as one that is over: data handed over for the last time, monthly reports made."""
    hand_over_once(cosponsorship, by=staff)
    cosponsorship.end(by=staff)
    report = report_one(pageant)
    if report:
        report.close(by=staff)
    monthly_reports.make_due()


def pageant_like(model: people.Pageant) -> Pageant:
    now = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0)  # pageants open and close at eight
    texts = {
        f"{name}_{language}": getattr(model, f"{name}_{language}")
        for name in ("title", "description", "rules")
        for language in ("en", "vi")
    }
    times = {"opens_at": now + model.opening, "closes_at": now + model.closing, "max_photos": model.max_photos}
    return Pageant.objects.get_or_create(slug=model.slug, defaults={**texts, **times})[0]


def let_people_visit(pageant: Pageant) -> None:
    """Makes an audience for the monthly reports: more visitors towards the end, and more at weekends."""
    day = timezone.localdate(pageant.opens_at)
    days = [day + timedelta(days=number) for number in range(pageant.days)]
    for number, day in enumerate(days):
        vietnamese = 12 + 30 * number // len(days) + (9 if day.weekday() >= 5 else 0)
        for language, visitors in (("vi", vietnamese), ("en", vietnamese // 3), (ALL, vietnamese * 4 // 3)):
            AudienceDay.objects.get_or_create(
                day=day,
                section=f"pageant:{pageant.slug}",
                language=language,
                defaults={"hits": visitors * 4, "visitors": visitors, "is_closed": True},
            )


def sponsor(pageant: Pageant, model: people.Sponsor) -> Cosponsorship:
    """Makes a co-sponsorship although the pageant is open, which the admin doesn't allow."""
    return Cosponsorship.objects.get_or_create(
        pageant=pageant,
        sponsor_name=model.name,
        defaults={
            "sponsor_url": f"https://{model.host}/",
            "policy_url": f"https://{model.host}/privacy",
            "contact_email": f"data@{model.host}",
            "purpose_en": model.purpose_en,
            "purpose_vi": model.purpose_vi,
            "fields": list(model.fields),
            "ends_on": timezone.localdate(max(timezone.now(), pageant.closes_at)) + timedelta(days=60),
        },
    )[0]


def hand_over_once(cosponsorship: Cosponsorship, *, by: AbstractUser) -> None:
    if not ledger.last_about(cosponsorship.about):
        with suppress(Refused):  # an older demo, in which nobody was asked
            hand_over(cosponsorship, BytesIO(), by=by)


def masters_of(people: Iterable[Person]) -> Iterator[list[Master]]:
    """Yields each person's pictures, which all cores draw ahead."""
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        waiting = [[pool.submit(drawn, seed) for seed in person.photos] for person in people]
        for futures in waiting:
            yield [future.result() for future in futures]


def drawn(seed: int, *, size: tuple[int, int] | None = None) -> Master:
    return make_master(BytesIO(pictures.draw(seed, size=size or SIZES[seed % len(SIZES)])))


def email_of(number: int) -> str:
    return f"demo-{number + 1}@vietmusic.example"


@transaction.atomic
def enter(number: int, person: Person, masters: list[Master], *, pageant: Pageant, staff: AbstractUser) -> None:
    entered = moment_of(number, pageant)
    entry = Entry.objects.create(
        pageant=pageant,
        email=email_of(number),
        language=person.language,
        display_name=person.display_name,
        lives_in=person.lives_in,
        favourite_food=person.favourite_food,
        about=person.about,
        is_adult=True,
        owns_photos=True,
        created_at=entered,
    )
    entry.hobbies.set(Hobby.objects.named(name.lower() for name in person.hobbies))
    for position, (seed, master) in enumerate(zip(person.photos, masters, strict=True), start=1):
        text = pictures.describe(seed, person.language)
        Photo.objects.add(master, entry=entry, position=position, description=text)
    entry.index()
    agree(entry)
    entry.confirm()
    decide(entry, until_end=len(PEOPLE) - number, staff=staff, at=entered + timedelta(hours=5))


def agree(entry: Entry) -> None:
    """Agrees to what the form says in the entrant's language."""
    with translation.override(entry.language):
        notices = notices_of(entry.pageant)
        entry.agree_to_be_shown(agreement_text(), at=entry.created_at)
        for notice in notices:  # two of three say yes
            entry.answer_notice(notice, agreed=entry.pk % 3 != 0, at=entry.created_at)


def decide(entry: Entry, *, until_end: int, staff: AbstractUser, at: datetime) -> None:
    Entry.objects.filter(pk=entry.pk).update(confirmed_at=entry.created_at + timedelta(hours=1))
    if until_end > REJECTED:
        entry.approve(by=staff)
        entry.publish()
        Entry.objects.filter(pk=entry.pk).update(decided_at=at, published_at=at)
    elif until_end > WAITING:
        entry.reject(by=staff, reason=Entry.Reason.QUALITY)
    # Nobody reads mail at these addresses.
    Email.objects.filter(to=entry.email).delete()


def moment_of(number: int, pageant: Pageant) -> datetime:
    """When a person entered: evenly over the days that the pageant has been open."""
    until = min(timezone.now(), pageant.closes_at) - timedelta(hours=6)
    place = number if number < IN_PAST else number - IN_PAST
    of = IN_PAST if number < IN_PAST else len(PEOPLE) - IN_PAST
    return pageant.opens_at + (until - pageant.opens_at) * (place + 1) / of


def report_one(pageant: Pageant) -> Report | None:
    """A report about the pageant's first entry, unless there is one already."""
    entry = Entry.objects.public().filter(pageant=pageant).order_by("published_at").first()
    if entry is None or Report.objects.filter(entry__pageant=pageant).exists():
        return None
    return Report.objects.create(entry=entry, reason=Report.Reason.OTHER, note="Demo: đây là một báo cáo thử.")
