"""Every page, mail, feed and export is valid HTML, and keeps what a parser doesn't see.

All that looks at the one tour is here, so that one process takes it, if need be two.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import brotli
import pytest
from django.conf import settings
from tinyhtml5.parser import HTMLParser

from core.static_files import IMPORT
from tests import tour
from tests.tour import Visit

# What `visit` needs is set up for tests that say so.
pytestmark = [pytest.mark.django_db, pytest.mark.on_postgresql(False)]

HEADING = re.compile(r"h[1-6]")
STATIC = settings.BASE_DIR / "static"
LIMIT = 15 * 1024  # bytes of style sheets and scripts, compressed
ATOM = "{http://www.w3.org/2005/Atom}"
REFERENCES = ("for", "form", "list", "aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage")


@dataclass(frozen=True, eq=False)
class Document:
    """A page and what it is made of; `path` has its language in front."""

    name: str
    path: str
    language: str
    html: str

    @cached_property
    def parsed(self) -> tuple[ET.Element, list[str]]:
        parser = HTMLParser(namespace_html_elements=False)
        root = parser.parse(self.html)
        return root, [f"{place}: {code}" for place, code, _data in parser.errors]

    @property
    def root(self) -> ET.Element:
        return self.parsed[0]

    @property
    def errors(self) -> list[str]:
        return self.parsed[1]

    @cached_property
    def elements(self) -> list[ET.Element]:
        """But for comments, whose tag is no text."""
        return [element for element in self.root.iter() if isinstance(element.tag, str)]

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(element.attrib["id"] for element in self.elements if "id" in element.attrib)

    def all(self, *tags: str) -> list[ET.Element]:
        return [element for element in self.elements if element.tag in tags]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Each text that people read or hear, with its language."""
        yield from spoken(self.root, "")


def spoken(element: ET.Element, language: str) -> Iterator[tuple[str, str]]:
    language = element.get("lang", language)
    for text in (element.text, element.get("alt"), element.get("title"), element.get("aria-label")):
        yield text or "", language
    for child in element:
        if isinstance(child.tag, str):
            yield from spoken(child, language)
        yield child.tail or "", language


def words_of(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.fixture(scope="module")
def pages(visit: Visit) -> list[Document]:
    return [
        Document(stop.name, stop.path_in(language), language, response.content.decode())
        for language, responses in visit.pages.items()
        for stop, response in responses.items()
    ]


@pytest.fixture(scope="module")
def letters(visit: Visit) -> list[Document]:
    mails = [
        Document(mail.subject, "", re.search(r'lang="(\w+)"', mail.html_message)[1], mail.html_message)
        for mail in visit.mails
    ]
    return mails + [Document("export", "", language, html) for language, html in visit.exports.items()]


@pytest.mark.on_postgresql(True)
@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_stops_answer_as_their_list_says(visit, language):
    pages = visit.pages[language]

    assert {stop.name: pages[stop].status_code for stop in tour.STOPS} == {
        stop.name: stop.status for stop in tour.STOPS
    }
    assert [name for name, page in pages.items() if b"<h1" not in page.content] == []
    assert [path for path, feed in visit.feeds.items() if feed.status_code != 200] == []


def problems(documents: list[Document], look: Callable[[Document], list[str]]) -> dict[tuple[str, str], list[str]]:
    found = {(document.name, document.language): look(document) for document in documents}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_every_page_parses_without_an_error(pages):
    assert problems(pages, lambda page: page.errors) == {}


def test_every_mail_and_export_parses_without_an_error(letters):
    assert {letter.language for letter in letters} == set(tour.LANGUAGES)
    assert len({letter.name for letter in letters}) > 10
    assert problems(letters, lambda letter: letter.errors) == {}
    assert [letter.name for letter in letters if not titles_of(letter)[0]] == []


def titles_of(document: Document) -> list[str]:
    return [words_of(title) for title in document.root.iterfind("head/title")] or [""]


def test_every_page_has_one_main_heading_and_skips_no_level(pages):
    assert problems(pages, headings) == {}


def headings(page: Document) -> list[str]:
    found = [element for element in page.elements if HEADING.fullmatch(element.tag)]
    levels = [int(element.tag[1]) for element in found]
    wrong = [] if levels.count(1) == 1 else [f"{levels.count(1)} main headings"]
    wrong += [f"h{level} follows h{before}" for before, level in pairwise(levels) if level > before + 1]
    return wrong + [f"<{element.tag}> is empty" for element in found if not words_of(element)]


def test_every_page_has_its_landmarks(pages):
    assert problems(pages, landmarks) == {}


def landmarks(page: Document) -> list[str]:
    body = page.root.find("body")
    wrong = [] if [child.tag for child in body].count("main") == 1 else ["not one <main>"]
    wrong += [f"no <{tag}>" for tag in ("header", "main") if body.find(tag) is None]
    named = [
        name_of(page, element)
        for element in page.all("nav", "aside", "section", "form")
        if element.get("role", "") != "presentation"
    ]
    wrong += [f"two are called “{name}”" for name, times in Counter(filter(None, named)).items() if times > 1]
    wrong += [f"a <{element.tag}> without a name" for element in page.all("nav", "aside") if not name_of(page, element)]
    outside = [child for child in body if child.tag not in {"header", "main", "footer", "section", "aside", "link"}]
    return wrong + [f"<{child.tag}> is in no landmark" for child in outside if child.get("class") != "skip-link"]


def name_of(page: Document, element: ET.Element) -> str:
    ids = element.get("aria-labelledby", "").split()
    named = [words_of(other) for other in page.elements if other.get("id") in ids]
    return " ".join(named) or element.get("aria-label", "")


def test_every_link_leads_somewhere(pages):
    assert problems(pages, lambda page: [words_of(link) for link in page.all("a") if not link.get("href")]) == {}


def test_no_id_stands_twice(pages):
    assert problems(pages, lambda page: [name for name, times in page.ids.items() if times > 1]) == {}


def test_every_reference_within_a_page_leads_to_something(pages):
    assert problems(pages, references) == {}


def references(page: Document) -> list[str]:
    wanted = [(name, one) for element in page.elements for name in REFERENCES for one in element.get(name, "").split()]
    wanted += [
        ("href", element.get("href")[1:]) for element in page.all("a") if element.get("href", "").startswith("#")
    ]
    return [f"{name}={one}" for name, one in wanted if one not in page.ids]


def test_every_link_to_a_place_on_another_page_leads_there(pages):
    """In one of its states: what a browser remembers has a place there once it remembers something."""
    places = {(page.path.partition("?")[0], one) for page in pages for one in page.ids}
    paths = {path for path, _one in places}

    def look(page: Document) -> list[str]:
        links = [urlsplit(element.get("href", "")) for element in page.all("a")]
        links += [urlsplit(element.get("action", "")) for element in page.all("form")]
        return [
            link.geturl()
            for link in links
            if link.fragment and link.path in paths and (link.path, link.fragment) not in places
        ]

    assert problems(pages, look) == {}


def test_every_field_has_a_label(pages):
    assert problems(pages, unlabelled) == {}


def unlabelled(page: Document) -> list[str]:
    labelled = {label.get("for") for label in page.all("label") if words_of(label)}
    within = {field for label in page.all("label") if words_of(label) for field in label.iter()}
    fields = [
        field for field in page.all("input", "select", "textarea") if field.get("type") not in {"hidden", "submit"}
    ]
    named = [field for field in fields if field.get("id") in labelled or field in within or field.get("aria-label")]
    return [field.get("name", "?") for field in fields if field not in named]


def test_every_picture_has_its_size_and_a_text(pages):
    def look(page: Document) -> list[str]:
        return [
            f"{name} of {image.get('src')}"
            for image in page.all("img")
            for name in ("width", "height", "alt")
            if not image.get(name, "x" if name == "alt" and "alt" in image.attrib else "")
            and not (name == "alt" and "alt" in image.attrib)
        ]

    assert problems(pages, look) == {}
    assert sum(len(page.all("img")) for page in pages) > 100


def test_every_drawing_is_named_or_hidden(pages):
    def look(page: Document) -> list[str]:
        return [
            svg.get("class", "")
            for svg in page.all("svg", "{http://www.w3.org/2000/svg}svg")
            if svg.get("aria-hidden") != "true" and not (svg.get("role") == "img" and name_of(page, svg))
        ]

    assert problems(pages, look) == {}
    assert sum(len(page.all("svg", "{http://www.w3.org/2000/svg}svg")) for page in pages) > 100


def test_every_page_says_its_language_and_that_of_each_text(pages, visit):
    of_people = visit.texts
    assert {language: len(texts) > 3 for language, texts in of_people.items()} == {"en": True, "vi": True}

    def look(page: Document) -> list[str]:
        wrong = [] if page.root.get("lang") == page.language else ["of the page"]
        wrong += [one for element in page.elements if (one := element.get("lang", "en")) not in tour.LANGUAGES]
        return wrong + [
            f"{text[:40]} is said to be {said}"
            for text, said in page.texts()
            for language, texts in of_people.items()
            if said != language and any(one in text for one in texts)
        ]

    # Behind their own link people read what they wrote themselves, also in fields and as it is stored.
    assert problems([page for page in pages if not page.name.startswith("own")], look) == {}


def test_every_page_has_a_title_of_its_own(pages):
    """States of a page may share one, and so do errors of whatever page. No title tells whose page it is."""
    titled: dict[tuple[str, str], set[str]] = {}
    for page in pages:
        (title,) = titles_of(page)
        path = re.sub(r"\?.*|[^/]{43}|preferences/$", "", page.path)
        if not page.name.startswith("error"):
            titled.setdefault((page.language, title), set()).add(path)

    assert {title: paths for title, paths in titled.items() if len(paths) > 1} == {}
    assert [title for _language, title in titled if not title.replace("Vietmusic", "").strip(" –")] == []


def test_every_feed_is_xml_with_valid_html_in_it(visit):
    for path, response in visit.feeds.items():
        root = ET.fromstring(response.content)  # noqa: S314  our own
        assert root.tag == f"{ATOM}feed"
        assert len(root.findall(f"{ATOM}entry")) > 1
        bodies = [element.text or "" for element in root.iterfind(".//*[@type='html']")]
        assert any("&lt;img" in body for body in bodies) or path == "/privacy/feed/"
        for body in bodies:
            parser = HTMLParser(namespace_html_elements=False)
            tree = parser.parse_fragment(body)
            assert parser.errors == []
            assert {child.tag for child in tree.iter()} <= {"DOCUMENT_FRAGMENT", "p", "br"}


# What they ask for


def files_of(page):
    return re.findall(r'<(?:link rel="stylesheet" href|script[^>]* src)="/static/([^"]+)"', page.content.decode())


def bundled(file: Path) -> bytes:
    """A file as production sends it: with what it imports in it."""
    return IMPORT.sub(lambda found: (file.parent / found[1]).read_text(), file.read_text()).encode()


def test_style_sheets_and_scripts_of_every_page_are_light(visit):
    sizes = {str(file.relative_to(STATIC)): len(brotli.compress(bundled(file))) for file in STATIC.rglob("*.*s")}

    files = {stop.name: files_of(page) for stop, page in visit.pages["en"].items()}

    assert {name: found for name, found in files.items() if sum(sizes[file] for file in found) >= LIMIT} == {}
    assert [name for name, found in files.items() if not {"css/site.css", "css/tokens.css"} & {*found}] == []
    assert "js/entering.js" in files["enter"]
