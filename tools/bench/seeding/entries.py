"""Entries of a pageant with their hobbies, photos, reports and tallies."""

import random
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from core.email_digest import email_digest
from core.moderation import Status
from core.text import fold
from pageant.models import Entry, Hobby, Pageant, Photo, Report, Tally
from pageant.models.entry import hobby_key, hobby_spelling, place_key
from tools.bench.seeding import bulk, vocabulary

BATCH = 20_000  # entries in memory
# Of each million public entries, or that many beside them; at least one
REPORTED = 1_000
BESIDES = {Status.WAITING: 3_000, Status.UNCONFIRMED: 2_000, Status.REJECTED: 2_000, Status.WITHDRAWN: 1_000}
CLOSED = 0.7  # of the reports
UNACCENTED = 0.03  # of the places are spelled so
ALIKE = 0.01  # of the photos resemble an earlier one
PLAIN = 0.003  # of the photos have no structure that a fingerprint could tell
SIZES = ((1500, 2000), (2000, 1500), (1125, 2000), (2000, 2000), (1600, 2000))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HOBBIES = Entry.hobbies.through

folded = lru_cache(maxsize=4096)(fold)


def open_pageant() -> Pageant:
    now = timezone.now()
    return make_pageant("million", "Voices of the year", "Giọng hát của năm", now - 60 * DAY, now + 20 * DAY)


def past_pageant() -> Pageant:
    now = timezone.now()
    return make_pageant("thousand", "Voices of last year", "Giọng hát năm ngoái", now - 150 * DAY, now - 70 * DAY)


def make_pageant(slug: str, title_en: str, title_vi: str, opens_at: datetime, closes_at: datetime) -> Pageant:
    pageant: Pageant = Pageant.objects.create(
        slug=slug,
        title_en=title_en,
        title_vi=title_vi,
        description_en="Singers and players from everywhere: show us who you are.",
        description_vi="Những người hát, người đàn ở khắp nơi: hãy cho chúng tôi biết về bạn.",
        rules_en="You need to be 18 or older.\n\nUpload only pictures that show you and that are yours to share.",
        rules_vi="Bạn phải từ 18 tuổi trở lên.\n\nChỉ gửi những tấm ảnh có bạn và do bạn được quyền chia sẻ.",
        opens_at=opens_at,
        closes_at=closes_at,
    )
    return pageant


class Entries:
    """Writes the entries of one pageant, the oldest first."""

    MODELS: ClassVar[tuple[type[models.Model], ...]] = (Entry, HOBBIES, Photo, Report)

    def __init__(self, pageant: Pageant, staff: User, dice: random.Random) -> None:
        self.pageant, self.staff, self.dice, self.now = pageant, staff, dice, timezone.now()
        self.tables = self.entries, self.taggings, self.photos, self.reports = [bulk.Table(m) for m in self.MODELS]
        self.families = vocabulary.sums(vocabulary.FAMILIES.values())
        self.places = vocabulary.falling(len(vocabulary.PLACES))
        self.hobbies = vocabulary.falling(len(vocabulary.HOBBIES))
        self.foods = vocabulary.falling(len(vocabulary.FOODS))
        self.hobby_ids = make_hobbies()
        self.tallies: Counter[tuple[str, str]] = Counter()
        self.labels: dict[tuple[str, str], str] = {}
        self.earlier: list[tuple[int, int]] = []  # photos with their fingerprints, for others to resemble

    def write(self, count: int) -> None:
        scarce = self.some(vocabulary.SCARCE_OF_A_MILLION, count)
        rarest = self.some(vocabulary.RAREST_OF_A_MILLION, count)
        reported = self.some(REPORTED, count)
        lasts = min(self.now, self.pageant.closes_at) - self.pageant.opens_at
        for number in range(count):
            special = [vocabulary.SCARCE_HOBBY] * (number in scarce) + [vocabulary.RAREST_HOBBY] * (number in rarest)
            published_at = self.pageant.opens_at + lasts * (number + 1) / (count + 1)
            pk = self.add_public(published_at, special)
            if number in reported:
                self.report(pk, published_at)
            if number % BATCH == BATCH - 1:
                self.flush()
        for status, of_a_million in BESIDES.items():
            for _ in self.some(of_a_million, count):
                self.add_besides(status)
        self.flush()
        self.count(count)

    def some(self, of_a_million: int, count: int) -> set[int]:
        """Which of `count`; at least one."""
        return set(self.dice.sample(range(count), max(1, round(of_a_million * count / 1_000_000))))

    def flush(self) -> None:
        for table in self.tables:
            table.flush()

    # Entries

    def add_public(self, published_at: datetime, special: Collection[str]) -> int:
        decided_at = published_at - timedelta(seconds=15)
        return self.add(
            published_at - DAY,
            special,
            status=Status.APPROVED,
            revision=3,
            confirmed_at=published_at - 23 * HOUR,
            moved_at=decided_at,
            decided_at=decided_at,
            decided_by_id=self.staff.pk,
            published_at=published_at,
        )

    def add_besides(self, status: Status) -> int:
        """One that isn't public, sent in the last days."""
        moved_at = self.now - self.dice.random() * 2 * DAY
        fields: dict[str, Any] = {"status": status, "moved_at": moved_at, "confirmed_at": moved_at}
        if status == Status.UNCONFIRMED:
            fields |= {"confirmed_at": None}
        elif status == Status.WITHDRAWN:
            fields |= {"withdrawn_at": moved_at}
        elif status == Status.REJECTED:
            reason = self.dice.choice(Entry.Reason.values)
            fields |= {"decided_by_id": self.staff.pk, "decided_at": moved_at, "reason": reason}
        return self.add(moved_at - HOUR / 2, (), photos=status != Status.WITHDRAWN, **fields)

    def add(self, created_at: datetime, special: Collection[str], *, photos: bool = True, **fields: Any) -> int:
        name = self.name()
        email = f"{folded(name).replace(' ', '.')}.{self.entries.last_id}@example.org"
        place = self.place()
        hobbies = self.some_hobbies(special)
        words = filter(None, (folded(text) for text in (*name.split(), place, *sorted(hobbies))))
        pk = self.entries.add(
            key=f"{self.dice.getrandbits(64):016x}",
            pageant_id=self.pageant.pk,
            language="vi" if self.dice.random() < 0.8 else "en",
            display_name=name,
            email=email,
            email_digest=email_digest(email),
            lives_in=place,
            place_key=place_key_of(place),
            favourite_food=self.dice.choices(vocabulary.FOODS, cum_weights=self.foods)[0],
            about=" ".join(self.dice.choices(vocabulary.SENTENCES, k=self.dice.randint(0, 6))),
            is_adult=True,
            owns_photos=True,
            search_key=f" {' '.join(words)}",
            created_at=created_at,
            **fields,
        )
        for hobby in hobbies:
            self.taggings.add(entry_id=pk, hobby_id=self.hobby_ids[hobby])
        for position in range(1, self.dice.choice((1, 1, 1, 1, 1, 1, 2, 2, 3)) + 1 if photos else 1):
            self.add_photo(pk, position)
        if fields["status"] == Status.APPROVED:
            self.tally(place, hobbies)
        return pk

    def name(self) -> str:
        family = self.dice.choices(list(vocabulary.FAMILIES), cum_weights=self.families)
        middle = self.dice.choices(vocabulary.MIDDLES, k=self.dice.choice((1, 1, 1, 0, 2)))
        return " ".join((*family, *middle, self.dice.choice(vocabulary.GIVEN)))

    def place(self) -> str:
        chance = self.dice.random()
        if chance < 0.05:
            return ""
        place = self.dice.choices(vocabulary.PLACES, cum_weights=self.places)[0]
        return folded(place).title() if chance > 1 - UNACCENTED else place

    def some_hobbies(self, special: Collection[str]) -> list[str]:
        hobbies = self.dice.choices(vocabulary.HOBBIES, cum_weights=self.hobbies, k=self.dice.randint(0, 6))
        common = [vocabulary.COMMON_HOBBY] if self.dice.random() < 1 / 3 else []
        return list(dict.fromkeys((*common, *special, *hobbies)))

    # What belongs to them

    def add_photo(self, entry: int, position: int) -> None:
        width, height = self.dice.choice(SIZES)
        original, fingerprint = self.fingerprint()
        pk = self.photos.add(
            key=f"{self.dice.getrandbits(128):032x}",
            entry_id=entry,
            position=position,
            description=self.dice.choice(vocabulary.DESCRIPTIONS),
            width=width,
            height=height,
            colour=f"#{self.dice.getrandbits(24):06x}",
            fingerprint=fingerprint,
            resembles_id=original,
        )
        if fingerprint is not None and original is None and pk % 100 == 0:
            self.earlier.append((pk, fingerprint))

    def fingerprint(self) -> tuple[int | None, int | None]:
        """The earlier photo that this one resembles, and its fingerprint."""
        chance = self.dice.random()
        if chance < PLAIN:
            return None, None
        if chance > 1 - ALIKE and self.earlier:
            original, bits = self.dice.choice(self.earlier)
            return original, bits ^ sum(1 << bit for bit in self.dice.sample(range(63), self.dice.randint(0, 4)))
        return None, self.dice.getrandbits(64) - 2**63

    def report(self, entry: int, published_at: datetime) -> None:
        created_at = published_at + self.dice.random() * (self.now - published_at)
        closed = self.dice.random() < CLOSED
        self.reports.add(
            entry_id=entry,
            reason=self.dice.choice(Report.Reason.values),
            created_at=created_at,
            closed_at=self.now if closed else None,
            closed_by_id=self.staff.pk if closed else None,
        )

    def tally(self, place: str, hobbies: Collection[str]) -> None:
        groups = [(Tally.Kind.HOBBY, hobby_spelling_of(hobby), hobby) for hobby in hobbies]
        if place:
            groups.append((Tally.Kind.PLACE, place_key_of(place), place))
        for kind, key, label in groups:
            self.tallies[kind, key] += 1
            self.labels.setdefault((kind, key), label)

    def count(self, entries: int) -> None:
        Tally.objects.bulk_create(
            Tally(pageant=self.pageant, kind=kind, key=key, label=self.labels[kind, key], entries=number)
            for (kind, key), number in sorted(self.tallies.items())
        )
        Pageant.objects.filter(pk=self.pageant.pk).update(entry_count=entries)


def make_hobbies() -> dict[str, int]:
    """The primary keys of all hobbies by name."""
    names = [vocabulary.COMMON_HOBBY, vocabulary.SCARCE_HOBBY, vocabulary.RAREST_HOBBY, *vocabulary.HOBBIES]
    rows = [Hobby(name=name, key=hobby_key(name), spelling=hobby_spelling(name)) for name in names]
    Hobby.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(Hobby.objects.values_list("name", "pk"))


hobby_spelling_of = lru_cache(maxsize=None)(hobby_spelling)
place_key_of = lru_cache(maxsize=None)(place_key)
