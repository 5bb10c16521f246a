"""Renders a policy's Markdown, with tables generated from the registry in its placeholders.

A placeholder is a paragraph of its own like `[[cookies]]`. A second-level heading begins a section, and carries its
link name, the same in both languages: `## Cookies {#cookies}`. What comes before the first one is the summary. HTML is
shown as typed, links lead to the web, to mail and to our own pages, and nothing is embedded.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from privacy.policy.snapshots import Snapshot
from privacy.policy.tables import Tables
from privacy.sharing import recipients

if TYPE_CHECKING:
    from privacy.models import PolicyVersion

LIVE = ("co-sponsors", "contact")  # placeholders whose content changes while the version doesn't
PLACES = ("collected", "cookies", "purposes", *LIVE)

PLACE = re.compile(r"\[\[([\w-]+)\]\]")
ANCHOR = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}\s*$")
TAKEN = {"content"}  # ids of the page around it


def is_harmless(url: str) -> bool:
    return re.match(r"(https?://|mailto:|/(?!/)|#)", url) is not None


MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
MARKDOWN.validateLink = is_harmless  # type: ignore[method-assign]  # as its manual says


@dataclass
class Section:
    """A section as it was read. `parts` are Markdown tokens, or the names of placeholders."""

    name: str = ""
    title: str = ""
    parts: list[list[Token] | str] = field(default_factory=list)

    def add(self, tokens: list[Token]) -> None:
        if self.parts and isinstance(self.parts[-1], list):
            self.parts[-1].extend(tokens)
        else:
            self.parts.append([*tokens])


@dataclass(frozen=True)
class Prepared:
    """A section as HTML, but for what is made anew each time."""

    name: str
    title: str
    parts: list[str | Callable[[], str]]


@dataclass(frozen=True)
class Shown:
    """A section as it is shown."""

    name: str
    title: str
    html: SafeString


def read(text: str) -> list[Section]:
    """The summary, as a section without a name, and the sections after it."""
    sections = [Section()]
    for block in blocks(text):
        first, content = block[0], block[1].content if len(block) > 1 else ""
        if first.type == "heading_open":
            name = take_anchor(block)
            if first.tag == "h2":
                sections.append(Section(name, block[1].content))
                continue
        if first.type == "paragraph_open" and (place := PLACE.fullmatch(content.strip())):
            sections[-1].parts.append(place[1])
        else:
            sections[-1].add(block)
    return sections


def blocks(text: str) -> Iterator[list[Token]]:
    """The tokens of each paragraph, heading, list and so on."""
    block: list[Token] = []
    for token in MARKDOWN.parse(text):
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def take_anchor(heading: list[Token]) -> str:
    """Makes the heading's `{#name}` its id, and returns it; empty if there is none."""
    opening, inline = heading[:2]
    anchor = ANCHOR.search(inline.content)
    if anchor is None or not inline.children:
        return ""
    inline.content = inline.content[: anchor.start()]
    inline.children[-1].content = ANCHOR.sub("", inline.children[-1].content)
    opening.attrSet("id", anchor[1])
    return anchor[1]


def show(text: str, snapshot: Snapshot) -> list[Shown]:
    """The summary and the sections as HTML, with the snapshot's tables in place of placeholders."""
    return finish(prepare(text, snapshot))


def show_published(version: "PolicyVersion") -> list[Shown]:
    """The same of a published version. Since it never changes, most of it is made once for each language."""
    return finish(kept(version, version.digest, get_language()))


@lru_cache(maxsize=8)
def kept(version: "PolicyVersion", digest: str, language: str) -> list[Prepared]:
    assert version.snapshot is not None  # since it is published
    return prepare(version.text, version.snapshot)


def prepare(text: str, snapshot: Snapshot) -> list[Prepared]:
    tables = Tables(snapshot)
    return [
        Prepared(block.name, block.title, [prepare_part(part, tables) for part in block.parts]) for block in read(text)
    ]


def prepare_part(part: list[Token] | str, tables: Tables) -> str | Callable[[], str]:
    if not isinstance(part, str):
        return MARKDOWN.renderer.render(part, MARKDOWN.options, {})
    return partial(fill, part, tables) if part in LIVE else fill(part, tables)


def fill(place: str, tables: Tables) -> str:
    """What stands in a placeholder."""
    if place not in PLACES:
        return ""
    contact = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    shared_with = recipients.now() if place == "co-sponsors" else []
    context = {"tables": tables, "contact": contact, "recipients": shared_with}
    return render_to_string(f"privacy/policy/{place}.html", context)


def finish(sections: list[Prepared]) -> list[Shown]:
    return [
        Shown(
            section.name,
            section.title,
            mark_safe("".join(part if isinstance(part, str) else part() for part in section.parts)),  # noqa: S308  the renderer escapes
        )
        for section in sections
    ]


def names_of(text: str) -> list[str]:
    """The link names of all headings, empty for those without."""
    return [take_anchor(block) for block in blocks(text) if block[0].type == "heading_open"]


def problems(text: str) -> Iterator[str]:
    """What is wrong with a draft, in words."""
    sections = read(text)
    places = [part for section in sections for part in section.parts if isinstance(part, str)]
    yield from place_problems(places, PLACE.findall(text))
    names = names_of(text)
    if not sections[0].parts:
        yield _("A short summary must come before the first section.")
    if len(sections) == 1:
        yield _("There is no section. A section begins with a line like “## Cookies {#cookies}”.")
    if "" in names:
        yield _("Each heading needs a link name, as in “## Cookies {#cookies}”.")
    for name in dict.fromkeys(name for name in names if name and (names.count(name) > 1 or name in TAKEN)):
        yield _("The name “%(name)s” is already taken.") % {"name": name}
    if any(token.tag == "h1" for block in blocks(text) for token in block):
        yield _("The page already has a title, so headings must start with ## or more.")


def place_problems(alone: list[str], written: list[str]) -> Iterator[str]:
    """What is wrong with placeholders: `alone` are those that will be filled, `written` all that look like one."""
    for name in dict.fromkeys(written):
        if name not in PLACES:
            yield _("There is no placeholder called [[%(name)s]].") % {"name": name}
        elif alone.count(name) < written.count(name):
            yield _("[[%(name)s]] must stand alone, with an empty line before and after it.") % {"name": name}
        elif alone.count(name) > 1:
            yield _("[[%(name)s]] appears more than once.") % {"name": name}
    for name in PLACES:
        if name not in written:
            yield _("The placeholder [[%(name)s]] is missing.") % {"name": name}
