"""The rules of Atom (RFC 4287), as far as a feed of ours could break them."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

ONCE = {"id", "title", "updated"}
MANY = {"author", "category", "contributor", "link"}
MAY = {
    "feed": MANY | {"entry", "generator", "icon", "logo", "rights", "subtitle"},
    "entry": MANY | {"content", "published", "rights", "source", "summary"},
    "author": {"email", "uri"},
    "contributor": {"email", "uri"},
}
MUST = {"feed": ONCE, "entry": ONCE, "author": {"name"}, "contributor": {"name"}}
REPEATED = MANY | {"entry"}

IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)  # RFC 3987, absolute
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")  # RFC 3339, section 5.6
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def atom_problems(xml: bytes, address: str) -> list[str]:
    """Returns what is wrong with the feed that was served from `address`, each with the section that says so."""
    feed = ET.fromstring(xml)  # noqa: S314  our own
    if feed.tag != f"{ATOM}feed":
        return ["2: no atom:feed"]
    return [*feed_problems(feed, address), *(p for entry in named(feed, "entry") for p in entry_problems(entry, feed))]


def named(parent: ET.Element, name: str) -> list[ET.Element]:
    return parent.findall(f"{ATOM}{name}")


def texts(parent: ET.Element, *names: str) -> list[str]:
    return [element.text or "" for name in names for element in named(parent, name)]


def feed_problems(feed: ET.Element, address: str) -> Iterator[str]:
    yield from container_problems(feed, "feed")
    entries = named(feed, "entry")
    if not named(feed, "author") and not all(named(entry, "author") for entry in entries):
        yield "4.1.1: feed without author"
    selves = [link.get("href") for link in named(feed, "link") if link.get("rel") == "self"]
    if selves != [address]:
        yield f"4.1.1: self is {selves}"
    ids = [text for parent in (feed, *entries) for text in texts(parent, "id")]
    yield from (f"4.2.6: id {text} is not unique" for text, count in Counter(ids).items() if count > 1)
    if entries and texts(feed, "updated") != sorted(text for entry in entries for text in texts(entry, "updated"))[-1:]:
        yield "4.2.15: feed was not updated with its entries"
    if not feed.get(LANGUAGE):
        yield "2: no language"


def entry_problems(entry: ET.Element, feed: ET.Element) -> Iterator[str]:
    yield from container_problems(entry, "entry")
    if not named(entry, "author") and not named(feed, "author"):
        yield "4.1.2: entry without author"
    if not named(entry, "content") and not any(is_alternate(link) for link in named(entry, "link")):
        yield "4.1.2: neither content nor alternate"
    if texts(entry, "published") > texts(entry, "updated"):
        yield "4.2.9: published after updated"


def container_problems(parent: ET.Element, kind: str) -> Iterator[str]:
    """The rules that feeds and entries share."""
    yield from child_problems(parent, kind)
    yield from (f"4.2.6: id {text}" for text in texts(parent, "id") if not IRI.fullmatch(text))
    for text in texts(parent, "updated", "published"):
        if not DATE.fullmatch(text) or not is_date(text):
            yield f"3.3: date {text}"
    for name in ("title", "subtitle", "summary", "rights"):
        for element in named(parent, name):
            if element.get("type", "text") not in {"text", "html"} or len(element):
                yield f"3.1: {name} is neither text nor HTML"
    yield from (f"4.2.2: category {element.attrib}" for element in named(parent, "category") if not element.get("term"))
    for person in (*named(parent, "author"), *named(parent, "contributor")):
        yield from person_problems(person)
    yield from link_problems(named(parent, "link"))


def child_problems(parent: ET.Element, kind: str) -> Iterator[str]:
    """How often each child may and must be there. There are no extensions in our feeds."""
    found = Counter(child.tag.removeprefix(ATOM) for child in parent)
    yield from (f"4.1: {kind} without {name}" for name in MUST[kind] - set(found))
    yield from (f"4.1: {kind} with {name}" for name in set(found) - MUST[kind] - MAY[kind])
    yield from (f"4.1: {kind} repeats {name}" for name in set(found) - REPEATED if found[name] > 1)


def person_problems(person: ET.Element) -> Iterator[str]:
    yield from child_problems(person, "author")
    yield from ("3.2.1: empty name" for text in texts(person, "name") if not text.strip())
    yield from (f"3.2.2: uri {text}" for text in texts(person, "uri") if not IRI.fullmatch(text))
    yield from (f"3.2.3: email {text}" for text in texts(person, "email") if not EMAIL.fullmatch(text))


def link_problems(links: list[ET.Element]) -> Iterator[str]:
    yield from (f"4.2.7: href {link.get('href')}" for link in links if not IRI.fullmatch(link.get("href", "")))
    alternates = Counter((link.get("type"), link.get("hreflang")) for link in links if is_alternate(link))
    yield from (f"4.1: alternates of {kind}" for kind, count in alternates.items() if count > 1)


def is_alternate(link: ET.Element) -> bool:
    return link.get("rel", "alternate") == "alternate"


def is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
