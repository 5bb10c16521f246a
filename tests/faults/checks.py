"""What the site has lost, sent twice, or shows though it must not: asked of its database, its pages and mailboxes."""

from collections.abc import Iterable, Iterator
from typing import Any

from tests.faults.furniture import SLUG
from tests.faults.load import GALLERY
from tests.faults.people import (
    APPROVED,
    CONFIRMED,
    ENTRY,
    ERASED,
    LINK_ONLY,
    REJECTED,
    SENT,
    WEBSITE,
    WITHDRAWN,
    Person,
)  # fmt: skip
from tests.faults.site import Site
from tests.faults.visitors import Browser

ENTRIES = "SELECT email, status, confirmed_at, published_at FROM pageant_entry WHERE email <> ''"
WEBSITES = "SELECT email, status, NULL, published_at FROM suggestions_suggestion WHERE email <> ''"
PRIVATE_PHOTOS = """
    SELECT photo.key FROM pageant_photo photo JOIN pageant_entry entry ON entry.id = photo.entry_id
    WHERE entry.published_at IS NULL ORDER BY photo.id DESC LIMIT 30
"""
# What is due now and not done. A mail that waits for its next try isn't.
OVERDUE = """
    SELECT (SELECT count(*) FROM post_office_email
            WHERE status IS NULL OR status IN (2, 3) AND (scheduled_time IS NULL OR scheduled_time <= now()))
         + (SELECT count(*) FROM pageant_entry
            WHERE settles_at <= now() OR status = 'approved' AND settles_at IS NULL AND published_at IS NULL)
         + (SELECT count(*) FROM suggestions_suggestion WHERE settles_at <= now())
"""
TO_COME = """
    SELECT (SELECT count(*) FROM post_office_email WHERE status IS NULL OR status IN (2, 3))
         + (SELECT count(*) FROM pageant_entry
            WHERE settles_at IS NOT NULL OR status = 'approved' AND published_at IS NULL)
         + (SELECT count(*) FROM suggestions_suggestion WHERE settles_at IS NOT NULL)
"""


def overdue(site: Site) -> int:
    return int(site.ask(OVERDUE)[0][0])


def to_come(site: Site) -> int:
    return int(site.ask(TO_COME)[0][0])


def doubts(site: Site) -> int:
    """Mails that the site counts as perhaps sent twice."""
    return int(site.ask("SELECT coalesce(sum(doubts), 0) FROM core_mailserver")[0][0])


def rows(site: Site) -> dict[str, tuple[Any, ...]]:
    """Status, confirmation and publication of what each address has sent."""
    return {email: tuple(rest) for query in (ENTRIES, WEBSITES) for email, *rest in site.ask(query)}


def lost(everybody: Iterable[Person], found: dict[str, tuple[Any, ...]]) -> Iterator[tuple[Person, str]]:
    """What was taken and isn't there, as the act that was lost."""
    for person in everybody:
        row = found.get(person.email)
        if ERASED in person.taken:
            if row:
                yield person, ERASED
        elif person.kind != LINK_ONLY and not person.has(ERASED):
            yield from ((person, act) for act in lost_acts(person, row))


def lost_acts(person: Person, row: tuple[Any, ...] | None) -> Iterator[str]:
    if SENT not in person.taken:
        return
    if row is None:
        yield SENT
        return
    status, confirmed_at, _published_at = row
    if CONFIRMED in person.taken and confirmed_at is None:
        yield CONFIRMED
    expected = {WITHDRAWN: "withdrawn", APPROVED: "approved", REJECTED: "rejected"}
    for act in (WITHDRAWN, APPROVED, REJECTED):
        if act in person.taken and status != expected[act] and (act == WITHDRAWN or not person.has(WITHDRAWN)):
            yield act


def unkept(everybody: Iterable[Person], found: dict[str, tuple[Any, ...]], site: Site) -> Iterator[tuple[Person, str]]:
    """What was to follow, once all is done: a mail for each thing that was taken, and the page of what was approved."""
    for person in everybody:
        if person.has(WITHDRAWN, ERASED) or SENT not in person.taken or person.is_left:
            continue
        decided = APPROVED in person.taken or REJECTED in person.taken
        if len(site.post.to(person.email)) < 1 + decided and site.post.behaviour("RCPT", person.email) is None:
            yield person, "mail"
        if person.must_be_public and not found.get(person.email, (None,) * 3)[2]:
            yield person, "publication"


def too_many_mails(everybody: Iterable[Person], site: Site) -> dict[str, int]:
    """How many mails each person got beyond what they and staff gave cause for."""
    more = {f"{one.name} {one.tried}": len(site.post.to(one.email)) - one.most_mails for one in everybody}
    return {name: number for name, number in more.items() if number > 0}


def exposed(everybody: Iterable[Person], site: Site, browser: Browser) -> Iterator[str]:
    """Names on public pages, and pictures, that nobody may see, on each machine."""
    hidden = [one for one in everybody if not one.may_be_public and one.kind in {ENTRY, WEBSITE}]
    photos = [f"/media/photos/{key[:2]}/{key}-{size}.jpg" for (key,) in site.ask(PRIVATE_PHOTOS) for size in (320, 640)]
    photos += [path for one in hidden[-30:] for path in one.pictures]
    pages = ["/", GALLERY, f"{GALLERY}feed/", "/websites/", "/websites/feed/", f"/sitemap-{SLUG}-1.xml"]
    pages += [f"/vi{path}" for path in pages[:5]]
    for machine in (None, *site.machines):
        where = machine.name if machine else "nginx"
        for path in pages:
            text = browser.get(path, machine=machine).text
            yield from (f"{one.name} on {path} of {where}" for one in hidden if one.name in text)
        for path in photos if machine else ():
            if browser.get(path, machine=machine).status == 200:
                yield f"{path} on {where}"
        for one in [one for one in hidden if one.key][-20:]:
            if browser.get(f"{GALLERY}entries/{one.key}/", machine=machine).status == 200:
                yield f"the page of {one.name} on {where}"
