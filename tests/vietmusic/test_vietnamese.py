"""Pages and mails in Vietnamese show nothing that was left in English: neither ours nor Django's."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import django
import polib
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.test.signals import template_rendered
from django.urls import resolve
from django.utils import timezone, translation
from post_office.models import Email

from pageant.mails import send_confirmation, send_existing, send_photos_lost
from pageant.models import Agreement, Report
from privacy.models import DataRequest, PolicyVersion
from privacy.rights import subject_requests
from staff import second_factor
from staff.sign_in import tell
from suggestions.mails import send_received
from suggestions.models import Report as WebsiteReport
from tests.core.factories import a_photo, make_staff
from tests.pageant.factories import answer, make_cosponsorship, make_entry, make_pageant
from tests.privacy.factories import make_draft, publish_policy
from tests.privacy.rows import MAKERS, make_row
from tests.staff.factories import turn_on
from tests.suggestions.factories import make_category, make_website

pytestmark = pytest.mark.on_postgresql(False)

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SPOKEN = {"alt", "title", "aria-label", "aria-description", "placeholder", "label", "summary", "data-label"}
# How English calls itself, what Vietnamese writes alike, and an `alt` that Django's admin doesn't translate.
ALIKE = {"English", "Email", "Email:", "Search"}
GAPS = re.compile(r"%\(\w+\)\w|%[sd]|\{\w*\}|<[^>]*>|\n")


class Words(HTMLParser):
    """What a page says in its own language, in pieces: texts, and attributes that are read out or shown."""

    def __init__(self, html):
        super().__init__()
        self.open, self.pieces, self.links = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag not in VOID:
            self.open.append((tag, attributes.get("lang")))
        spoken = SPOKEN | {name for name in attributes if name.startswith("data-text")}
        if tag == "meta" and attributes.get("name", attributes.get("property")) in {"description", "og:description"}:
            spoken = spoken | {"content"}
        if tag == "input" and attributes.get("type") in {"submit", "button"}:
            spoken = spoken | {"value"}
        for name in spoken & attributes.keys():
            self.add(attributes[name], attributes.get("lang"))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not {"script", "style", "textarea"} & {tag for tag, _language in self.open}:
            self.add(data)

    def add(self, text, language=None):
        languages = [language, *(one for _tag, one in reversed(self.open))]
        if text and text.strip() and next((one for one in languages if one), "vi") == "vi":
            self.pieces.append(" ".join(text.split()))


@cache
def english():
    """Every message of ours and of Django's that Vietnamese says otherwise, whole; and the longer parts of them."""
    ours = polib.pofile(str(settings.BASE_DIR / "locale/vi/LC_MESSAGES/django.po"))
    package = Path(django.__file__).parent
    theirs = [
        polib.pofile(str(package / folder / "locale/en/LC_MESSAGES/django.po"))
        for folder in ("conf", "contrib/admin", "contrib/auth")
    ]
    sources = {text for entry in ours for text in (entry.msgid, entry.msgid_plural) if text}
    sources |= {text for one in theirs for entry in one for text in (entry.msgid, entry.msgid_plural) if text}
    said = " ".join(text for entry in ours for text in (entry.msgstr, *entry.msgstr_plural.values()))
    whole = {" ".join(text.split()) for text in sources}
    parts = {" ".join(part.split()).strip(" .:,;!?…()“”|–-") for text in sources for part in GAPS.split(text)}
    return (
        frozenset(text for text in whole if text not in said and text not in ALIKE),
        tuple(sorted(part for part in parts if part.count(" ") >= 2 and part not in said)),
    )


def english_in(html):
    whole, parts = english()
    pieces = Words(html).pieces
    found = {piece for piece in pieces if piece in whole or piece.rstrip(":") in whole}
    text = " · ".join(pieces)
    return sorted(found | {part for part in parts if part in text})


def walk(client, start, *, skip=lambda path: False):
    """Every page that links lead to from `start`; of those that differ in a row only, the first two."""
    waiting, seen, kinds, pages = [start], {start}, {}, {}
    while waiting:
        path = waiting.pop(0)
        with translation.override("vi"):
            kind = resolve(urlsplit(path).path).view_name
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > 2:
            continue
        response = client.get(path)
        assert response.status_code in {200, 302}, (path, response.status_code)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            pages[path] = response.content.decode()
            for href in Words(pages[path]).links:
                link = urljoin(path, href).partition("#")[0]
                if link.startswith("/vi/") and link not in seen and not skip(link):
                    seen.add(link)
                    waiting.append(link)
        elif response.streaming:
            b"".join(response)
    return pages


def not_translated(pages):
    return {name: found for name, html in pages.items() if (found := english_in(html))}


@pytest.fixture
def rows(db):
    """Something of everything that a page may show; texts of people are in Vietnamese."""
    texts = {"title_vi": "Gương mặt", "description_vi": "Mời bạn.", "rules_vi": "Đủ 18 tuổi."}
    pageant = make_pageant(slug="faces", **texts)
    make_cosponsorship(pageant, sponsor_name="Đàn", purpose_en="Mời.", purpose_vi="Để mời bạn.")
    entries = [make_entry(pageant, hobbies=("hát",), lives_in="Huế", about="Mình hát.") for _ in range(3)]
    entries.append(make_entry(pageant, status="waiting"))
    category = make_category(name_vi="Nhạc cụ", name_en="Đàn")
    fields = {"language": "vi", "title": "Đàn đá", "description": "Tiếng đá.", "show_name": True}
    websites = [make_website(category, **fields), make_website(category, status="waiting", **fields)]
    publish_policy(text_en=make_draft().text_en, summary_vi="Rõ hơn.", summary_en="Rõ hơn.")
    Report.objects.create(entry=entries[0], reason=Report.Reason.OTHER, note="Không ổn")
    WebsiteReport.objects.create(suggestion=websites[0], reason=WebsiteReport.Reason.DEAD)
    return {"pageant": pageant, "entry": entries[0], "website": websites[0], "category": category}


# Finding it


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Lưu</p>", []),
        ("<p>Save</p>", ["Save"]),
        ("<button aria-label='Save'></button>", ["Save"]),
        ("<p>Lan, Hello Lan</p>", []),
        ("<p>Xin bạn: Please choose at least one photo.</p>", ["Please choose at least one photo"]),
        ("<p lang='en'>Please choose at least one photo.</p>", []),
        (
            "<div lang='en'><p>Save</p></div><p>This field is required.</p>",
            ["This field is required", "This field is required."],
        ),
        ("<script>Save</script>", []),
        ("<p>Global Privacy Control</p>", []),
    ],
)
def test_english_is_found_where_it_is_said_in_vietnamese(html, found):
    assert english_in(html) == found


# Pages


def test_public_pages_are_all_in_vietnamese(client, rows):
    pages = walk(client, "/vi/")

    assert len(pages) > 15
    assert not_translated(pages) == {}


def test_pages_after_a_choice_about_cookies_are_in_vietnamese(client, rows):
    client.post("/vi/privacy/cookies/", {"choice": "all"})
    client.get("/vi/pageants/faces/?q=hue&hobby=h%C3%A1t&place=Hu%E1%BA%BF")
    paths = ["/vi/", "/vi/privacy/cookies/", "/vi/pageants/faces/?q=kh%C3%B4ng", "/vi/websites/?q=kh%C3%B4ng"]
    pages = {path: client.get(path, headers={"sec-gpc": "1"}).content.decode() for path in paths}

    assert not_translated(pages) == {}


FORMS = {
    "/vi/pageants/faces/enter/": [
        {},
        {"display_name": "…", "email": "x", "hobbies": "a" * 400, "about": "a" * 4000, "lives_in": "a" * 400},
    ],
    "/vi/websites/suggest/": [
        {},
        {"email": "x", "url": "ftp://x", "title": "…", "category": "99", "description": "x" * 9000},
    ],
    "/vi/privacy/you/": [{}, {"email": "x@"}, {"email": "a" * 300 + "@example.com"}],
    "/vi/privacy/cookies/": [{}, {"choice": "all", "shown": "0" * 64}],
    "/vi/pageants/faces/entries/{entry}/report/": [{}, {"reason": "x"}],
    "/vi/websites/listings/{website}/": [{}, {"reason": "x"}],
}


@pytest.mark.parametrize("address", FORMS)
def test_forms_with_errors_are_in_vietnamese(client, rows, address):
    path = address.format(entry=rows["entry"].key, website=rows["website"].key)
    pages = {str(posted)[:60]: client.post(path, posted).content.decode() for posted in FORMS[address]}

    assert not_translated(pages) == {}


@pytest.mark.parametrize(
    "data", [b"", b"x", pytest.param(lambda: a_photo()[:3000], id="half"), pytest.param(lambda: b"\0" * 99, id="zeros")]
)
def test_what_is_wrong_with_a_photo_is_said_in_vietnamese(client, rows, data):
    file = SimpleUploadedFile("a.jpg", data() if callable(data) else data, "image/jpeg")
    html = client.post("/vi/pageants/faces/enter/", {"photos": [file]}).content.decode()

    assert english_in(html) == []


ERRORS = {
    400: lambda client: client.get("/vi/?q=%00"),
    403: lambda client: client.post("/vi/privacy/you/", headers={"origin": "null"}),
    404: lambda client: client.get("/vi/nothing/"),
    413: lambda client: client.generic("POST", "/vi/privacy/you/", CONTENT_LENGTH="99999999999"),
    429: lambda client: [client.post("/vi/privacy/you/", {"email": "anh@example.com"}) for _ in range(4)][-1],
    500: lambda client: client.get("/vi/broken/"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("status", ERRORS)
def test_error_pages_are_in_vietnamese(settings, status):
    settings.ROOT_URLCONF = "tests.core.broken_urls"
    response = ERRORS[status](Client(raise_request_exception=False))

    assert (response.status_code, english_in(response.content.decode())) == (status, [])


# A person's own page


@pytest.fixture
def open_page(client, django_capture_on_commit_callbacks, mailoutbox):
    """Asks for a link and opens it: the address of somebody's own page."""

    def run(email):
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/vi/privacy/you/", {"email": email})
        (link,) = re.findall(r"http://testserver(/vi/privacy/you/[\w-]{43}/)", mailoutbox[-1].body)
        return client.post(link)["Location"]

    return run


def own_rows(rows, email):
    """An entry in each state, one with a co-sponsor's notice, and two websites."""
    mine = make_entry(rows["pageant"], email=email)
    with translation.override("vi"):
        answer(mine, rows["pageant"].cosponsorships.get())
    for status in ("unconfirmed", "waiting", "rejected", "withdrawn"):
        make_entry(make_pageant(title_vi="Gương mặt"), status=status, photos=0, email=email)
    fields = {"email": email, "language": "vi", "title": "Đàn", "description": "Đàn."}
    for status in ("approved", "waiting"):
        make_website(rows["category"], status=status, **fields)


def test_own_pages_are_in_vietnamese(client, rows, open_page):
    own_rows(rows, "anh@example.com")
    path = open_page("anh@example.com")

    pages = walk(client, path, skip=lambda link: not link.startswith(path))
    wrong = {
        address: client.post(address, {}).content.decode() for address in pages if re.search("edit|question", address)
    }

    assert (len(pages) > 5, not_translated(pages)) == (True, {})
    assert (len(wrong) > 1, not_translated(wrong)) == (True, {})


def test_what_is_left_after_closing_and_erasing_is_in_vietnamese(client, rows, open_page):
    own_rows(rows, "anh@example.com")
    path = open_page("anh@example.com")
    steps = [
        client.post(path, {"close": "1"}, follow=True),
        client.get(path),
        client.get(f"/vi/privacy/you/{'x' * 43}/"),
        client.post(f"{open_page('anh@example.com')}erase/", follow=True),
    ]
    pages = {str(number): step.content.decode() for number, step in enumerate(steps)}

    assert [step.status_code for step in steps] == [200, 410, 404, 200]
    assert not_translated(pages) == {}


# Mails


TO_SPONSORS = {"recall", "recall_text", "sponsor_report", "sponsor_report_text"}  # in both languages


@pytest.fixture
def rendered():
    """The names of all templates of mails that are rendered from now on."""
    names = set()

    def note(template, **_rest):
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def test_mails_are_in_the_language_of_their_reader(client, rows, open_page, rendered):
    """All that go to people who wrote in Vietnamese, while staff works in English."""
    staff = make_staff()
    entries = [make_entry(rows["pageant"], status=status, photos=0) for status in ("approved", "rejected")]
    fields = {"language": "vi", "title": "Đàn", "description": "Đàn.", "as_sent": {"title": "Dan"}}
    websites = [make_website(rows["category"], status=status, **fields) for status in ("approved", "rejected")]
    open_page(entries[0].email)
    with translation.override("en"):
        send_confirmation(entries[0])
        send_existing(entries[0])
        send_photos_lost(entries[0], 2)
        send_received(websites[0])
        request = DataRequest(kind=DataRequest.Kind.OTHER, text="Xin chào")
        subject_requests.receive(request, email=entries[0].email, language="vi")
        subject_requests.answer(request, by=staff, outcome="Xong rồi.")
        member = make_staff(email="lan@example.com")
        tell(RequestFactory().get("/"), member, "203.0.113.0/24", language="vi")
        turn_on(member)
        member.known_networks.create(network_digest="x", last_at=timezone.now(), language="vi")
        second_factor.turn_off(member)

    mails = list(Email.objects.order_by("pk"))
    folder = settings.BASE_DIR / "templates/mail"
    sent = {str(file.relative_to(folder.parent)) for file in folder.glob("*/*.txt") if file.stem not in TO_SPONSORS}
    assert sent - rendered == set()
    assert {re.search(r'<html lang="(\w+)">', mail.html_message)[1] for mail in mails} == {"vi"}
    pieces = {f"{mail.pk} {mail.subject}": f"<p>{mail.subject}</p>{mail.html_message}" for mail in mails}
    assert not_translated(pieces) == {}
    addresses = {address for mail in mails for address in re.findall(r"http://testserver(/\S*)", mail.message)}
    assert [address for address in addresses if not address.startswith("/vi/")] == []


# The administration


def test_administration_is_in_vietnamese(client, rows):
    for label in MAKERS:
        make_row(label)
    Agreement.objects.update(text="Đồng ý")
    client.force_login(make_staff(group=None, is_superuser=True, email="staff@example.com"))

    # A package's own pages are in English, and so is the English text of a published policy.
    published = "|".join(str(version.pk) for version in PolicyVersion.objects.exclude(number=None))
    outside = re.compile(f"(?!/vi/admin/)|/vi/admin/(logout|post_office|privacy/policyversion/({published}))/")
    pages = walk(client, "/vi/admin/", skip=outside.match)

    assert len(pages) > 50
    assert not_translated(pages) == {}
