"""Pageants, entries and co-sponsorships for tests, made through the same verbs as in real life."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core.email_digest import email_digest
from core.moderation import Status
from pageant.models import Agreement, Cosponsorship, Entry, Hobby, Pageant, Photo
from pageant.sponsors.notices import Notice
from tests.core.factories import a_master, make_staff, numbers


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
    with transaction.atomic():  # in which they stay locked
        entry.hobbies.set(Hobby.objects.named(hobbies))
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
