"""Rows for tests, made through the same verbs as in real life."""

import itertools
import secrets
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.cache import cache as the_cache
from django.utils import timezone

from core.email_digest import email_digest
from core.moderation import Status
from core.pictures.masters import Master, make_master
from pageant.models import Agreement, Cosponsorship, Entry, Hobby, Pageant, Photo
from pageant.sponsors.notices import Notice
from privacy.models import PolicyVersion
from privacy.models.policy_version import NOTICE
from privacy.policy import snapshots
from privacy.policy.snapshots import Snapshot
from suggestions.models import Category, Suggestion
from tests.core import pictures

numbers = itertools.count(1)


def make_pageant(**fields: Any) -> Pageant:
    now = timezone.now()
    number = next(numbers)
    texts = {
        f"{name}_{language}": f"{name} {language} {number}"
        for name in ("title", "description", "rules")
        for language in ("en", "vi")
    }
    times = {"opens_at": now - timedelta(days=3), "closes_at": now + timedelta(days=10)}
    return Pageant.objects.create(**{"slug": f"pageant-{number}", **texts, **times, **fields})


SMALL = (200, 200)  # pixels: the smallest photo that is taken, of which renditions are made fast


@cache
def a_master(seed: int = 1, size: tuple[int, int] = (600, 400)) -> Master:
    """Decoding takes a process of its own, so tests share what came of it."""
    return make_master(BytesIO(pictures.saved(pictures.photo(seed, size=size), "JPEG")))


def a_photo(seed: int = 1, **options: Any) -> bytes:
    return pictures.saved(pictures.photo(seed), "JPEG", **options)


def make_staff(*, group: str | None = "Moderators", **fields: Any) -> User:
    user = User.objects.create_user(f"staff-{next(numbers)}", is_staff=True, **fields)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_draft(**fields: Any) -> PolicyVersion:
    """A draft with the texts in force."""
    current = PolicyVersion.objects.current()
    return PolicyVersion.objects.create(**{"text_en": current.text_en, "text_vi": current.text_vi, **fields})


def publish_policy(snapshot: Snapshot | None = None, *, by: User | None = None, **fields: Any) -> PolicyVersion:
    """A published version, with that snapshot or the registry as it is."""
    draft = make_draft(**fields)
    snapshot = snapshots.take() if snapshot is None else snapshot
    draft.publish(by=by, seen=draft.seen(snapshot, PolicyVersion.objects.current()), snapshot=snapshot)
    the_cache.delete(NOTICE)  # a test's transaction is never committed
    return draft


def make_entry(
    pageant: Pageant | None = None,
    *,
    status: str = Status.APPROVED,
    photos: int = 1,
    size: tuple[int, int] = (600, 400),
    hobbies: tuple[str, ...] = (),
    staff: User | None = None,
    **fields: Any,
) -> Entry:
    """An entry in that state; an approved one is public, pictures and all."""
    number = next(numbers)
    defaults = {"display_name": f"Người {number}", "email": f"person-{number}@example.com", "language": "vi"}
    statements = {"is_adult": True, "owns_photos": True}
    entry = Entry.objects.create(pageant=pageant or make_pageant(), **{**defaults, **statements, **fields})
    entry.hobbies.set([Hobby.objects.get_or_create(name=name)[0] for name in hobbies])
    for position in range(1, photos + 1):
        Photo.objects.add(
            a_master(position, size), entry=entry, position=position, description=f"Ảnh {number}-{position}"
        )
    entry.index()
    bring_to(entry, Status(status), staff)
    return entry


def bring_to(entry: Entry, status: Status, staff: User | None) -> None:
    if status == Status.UNCONFIRMED:
        return
    entry.confirm()
    if status == Status.APPROVED:
        entry.approve(by=staff or make_staff())
        entry.publish()
    elif status == Status.REJECTED:
        entry.reject(by=staff or make_staff(), reason=Entry.Reason.QUALITY)
    elif status == Status.WITHDRAWN:
        entry.withdraw()


def make_cosponsorship(pageant: Pageant | None = None, **fields: Any) -> Cosponsorship:
    number = next(numbers)
    defaults = {
        "sponsor_name": f"Sponsor {number}",
        "sponsor_url": f"https://sponsor-{number}.example/",
        "policy_url": f"https://sponsor-{number}.example/privacy",
        "contact_email": f"data@sponsor-{number}.example",
        "purpose_en": f"To invite you, {number}.",
        "purpose_vi": f"Để mời bạn, {number}.",
        "fields": ["display_name", "email"],
        "ends_on": timezone.localdate() + timedelta(days=100),
    }
    return Cosponsorship.objects.create(pageant=pageant or make_pageant(), **{**defaults, **fields})


def answer(entry: Entry, cosponsorship: Cosponsorship, *, agreed: bool = True) -> Agreement:
    """What somebody answered on the form about a co-sponsor."""
    entry.answer_notice(Notice(cosponsorship), agreed=agreed)
    return entry.agreements.get(cosponsorship=cosponsorship)


def bulk_entries(pageant: Pageant, count: int) -> None:
    """Many public entries at once, with the rows that a gallery reads but without files."""
    now = timezone.now()
    staff = make_staff()
    addresses = [f"bulk-{secrets.token_hex(8)}@example.com" for _ in range(count)]
    entries = [
        Entry(
            key=secrets.token_hex(8),
            pageant=pageant,
            display_name=f"Người {number}",
            email=address,
            email_digest=email_digest(address),
            language="vi",
            lives_in="Huế",
            place_key="hue",
            search_key=f" nguoi {number} hue",
            is_adult=True,
            owns_photos=True,
            status=Status.APPROVED,
            decided_by=staff,
            decided_at=now,
            confirmed_at=now,
            published_at=now - timedelta(minutes=number),
        )
        for number, address in enumerate(addresses)
    ]
    Entry.objects.bulk_create(entries)
    photos = [
        Photo(key=secrets.token_hex(16), entry=entry, width=800, height=600, colour="#123456") for entry in entries
    ]
    Photo.objects.bulk_create(photos)
    hobby, _created = Hobby.objects.get_or_create(name="hát")
    hobby.entries.add(*entries)


def make_category(**fields: Any) -> Category:
    number = next(numbers)
    defaults = {"slug": f"category-{number}", "name_en": f"Category {number}", "name_vi": f"Mục {number}"}
    return Category.objects.create(**{**defaults, **fields})


def make_website(
    category: Category | None = None, *, status: str = Status.APPROVED, staff: User | None = None, **fields: Any
) -> Suggestion:
    """A suggestion in that state; an approved one is listed."""
    number = next(numbers)
    suggestion = Suggestion(
        category=category or make_category(),
        **{
            "name": f"Người {number}",
            "email": f"finder-{number}@example.com",
            "language": "en",
            "url": f"https://site-{number}.example/",
            "title": f"Site {number}",
            "description": f"About site {number}.",
            **fields,
        },
    )
    if status == Status.UNCONFIRMED:
        suggestion.status = status
    suggestion.save()
    if status == Status.APPROVED:
        suggestion.approve(by=staff or make_staff())
    elif status == Status.REJECTED:
        suggestion.reject(by=staff or make_staff(), reason=Suggestion.Reason.NOT_MUSIC)
    elif status == Status.WITHDRAWN:
        suggestion.withdraw()
    return suggestion


def bulk_websites(category: Category, count: int) -> None:
    """Many listings at once."""
    now = timezone.now()
    staff = make_staff()
    rows = [
        Suggestion(
            key=secrets.token_hex(8),
            category=category,
            title=f"Bulk {number}",
            description="Nhạc",
            language="vi",
            url=f"https://bulk-{secrets.token_hex(6)}.example/",
            status=Status.APPROVED,
            decided_by=staff,
            decided_at=now,
            published_at=now - timedelta(minutes=number),
        )
        for number in range(count)
    ]
    for row in rows:
        row.derive()
    Suggestion.objects.bulk_create(rows)
    Category.objects.filter(pk=category.pk).update(websites=category.websites + count)
