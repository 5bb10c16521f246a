"""How links to our pages look elsewhere: titles, descriptions, pictures, and the one address of each page."""

from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from pageant.models import Entry, Pageant, Photo
from suggestions.models import Category, Suggestion
from tests.pageant.factories import bulk_entries, make_entry, make_pageant
from tests.suggestions.factories import make_category, make_website

pytestmark = pytest.mark.django_db

SITE = "https://vietmusic.example"
NAMES = {
    "description",
    "og:type",
    "og:site_name",
    "og:locale",
    "og:locale:alternate",
    "og:title",
    "og:description",
    "og:url",
    "og:image",
    "og:image:type",
    "og:image:width",
    "og:image:height",
    "og:image:alt",
    "twitter:card",
}
SHARED = [
    "/",
    "/pageants/",
    "/pageants/faces/",
    "/pageants/faces/enter/",
    "/websites/",
    "/websites/folk/",
    "/websites/suggest/",
    "/privacy/",
    "/privacy/versions/",
    "/privacy/versions/1/changes/",
    "/privacy/cookies/",
    "/privacy/sponsors/",
    "/privacy/you/",
]
NOT_SHARED = [
    "/pageants/faces/enter/sent/",
    "/pageants/faces/reported/",
    "/websites/suggest/sent/",
    "/websites/reported/",
    "/privacy/you/asked/",
    "/privacy/you/closed/",
    "/privacy/you/unknown-token/",
    "/nothing/",
]


class Head(HTMLParser):
    """The title, the <meta>s and the <link>s of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title, self.metas, self.canonical, self.alternates = "", [], [], {}
        self._in_title = False
        self.feed(html.partition("</head>")[0])

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self._in_title = tag == "title"
        if tag == "meta" and (name := found.get("property") or found.get("name")):
            self.metas.append((name, found["content"]))
        if tag == "link" and found["rel"] == "canonical":
            self.canonical.append(found["href"])
        if tag == "link" and "hreflang" in found:
            self.alternates[found["hreflang"]] = found["href"]

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        self._in_title = False

    @property
    def about_sharing(self) -> dict[str, str]:
        wanted = [(name, content) for name, content in self.metas if name in NAMES]
        assert len(wanted) == len(dict(wanted))  # none of them twice
        return dict(wanted)


@pytest.fixture
def pageant(settings) -> Pageant:
    settings.SITE_URL = SITE
    return make_pageant(slug="faces", title_en='Faces & "Voices"', title_vi="Gương mặt & giọng hát")


@pytest.fixture
def entry(pageant) -> Entry:
    return make_entry(pageant, display_name="Lan <Anh>", about="I sing.\n\nAnd I listen.", language="vi")


@pytest.fixture
def category() -> Category:
    return make_category(slug="folk")


@pytest.fixture
def listing(pageant) -> Suggestion:
    return make_website(title="Đàn & phím")


def head(client, address: str) -> Head:
    return Head(client.get(address, follow=True).content.decode())


@pytest.mark.parametrize("prefix", ["", "/vi"])
@pytest.mark.parametrize("address", SHARED)
def test_public_page_says_what_a_link_to_it_shows(client, entry, category, address, prefix):
    page = head(client, prefix + address)

    shared = page.about_sharing
    language, other = ("vi_VN", "en_US") if prefix else ("en_US", "vi_VN")
    assert shared.keys() == NAMES
    assert shared["og:title"] == page.title.replace(" – Vietmusic", "")
    assert shared["og:description"] == shared["description"]
    assert (shared["og:locale"], shared["og:locale:alternate"]) == (language, other)
    assert [shared["og:url"]] == page.canonical == [SITE + prefix + address]
    assert [name for name, content in shared.items() if not content] == []


@pytest.mark.parametrize("prefix", ["", "/vi"])
def test_public_pages_have_titles_and_descriptions_of_their_own(client, entry, category, prefix):
    pages = [head(client, prefix + address) for address in SHARED]

    assert len({page.title for page in pages}) == len(pages)
    assert len({page.about_sharing["description"] for page in pages}) == len(pages)


@pytest.mark.parametrize("address", NOT_SHARED)
def test_page_that_nobody_shares_says_nothing_about_sharing(client, pageant, address):
    page = head(client, address)

    assert (page.title.endswith(" – Vietmusic"), page.canonical, page.alternates) == (True, [], {})
    assert set(page.about_sharing) - {"description"} == set()


def test_entry_is_shared_with_its_photo(client, entry):
    shared = head(client, entry.get_absolute_url()).about_sharing

    cover = entry.photos.first()
    assert (shared["og:title"], shared["og:description"]) == ('Lan <Anh> – Faces & "Voices"', "I sing. And I listen.")
    assert shared["og:image"] == f"{SITE}/media/{cover.rendition_name(cover.widths[-1], 'jpg')}"
    assert shared["og:image:alt"] == cover.description
    with default_storage.open(cover.rendition_name(cover.widths[-1], "jpg")) as file:
        assert Image.open(file).size == (int(shared["og:image:width"]), int(shared["og:image:height"]))
    picture = client.get(shared["og:image"].removeprefix(SITE))
    picture.close()
    assert (picture.status_code, picture["Content-Type"]) == (200, shared["og:image:type"])


def test_entry_without_words_is_shared_with_its_pageant(client, pageant):
    entry = make_entry(pageant, display_name="Lan Anh", about="")

    assert head(client, entry.get_absolute_url()).about_sharing["description"] == 'Lan Anh in Faces & "Voices"'


@pytest.mark.parametrize(("size", "card"), [((900, 600), "summary_large_image"), ((600, 900), "summary")])
def test_upright_photo_is_shared_small_so_that_no_face_is_cut(client, pageant, size, card):
    entry = make_entry(pageant, size=size)

    assert head(client, entry.get_absolute_url()).about_sharing["twitter:card"] == card


def test_pageant_is_shared_with_the_photo_of_its_newest_entry(client, pageant):
    _older, newer = make_entry(pageant), make_entry(pageant, display_name="Bình")
    Photo.objects.update(description="")

    shared = head(client, "/pageants/faces/").about_sharing

    assert (newer.photos.first().key in shared["og:image"], shared["og:image:alt"]) == (True, "Bình")


def test_photo_that_is_not_public_is_never_shared(client, pageant):
    waiting = make_entry(pageant, status="waiting")

    assert waiting.photos.first().key not in head(client, "/pageants/faces/").about_sharing["og:image"]


def test_page_without_a_photo_is_shared_with_a_drawn_picture(client, pageant):
    shared = head(client, "/pageants/faces/").about_sharing

    file = Path(settings.BASE_DIR / "static/card.jpg").read_bytes()
    assert shared["og:image"] == f"{SITE}/static/card.jpg"
    assert Image.open(BytesIO(file)).size == (int(shared["og:image:width"]), int(shared["og:image:height"]))
    assert len(file) < 80_000


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("", ""),
        ("?utm_source=mail&fbclid=x", ""),
        ("?q=Lan&utm_source=mail", "?q=Lan"),
        ("?hobby=H%C3%81T&q=&sort=", "?hobby=h%C3%A1t"),
        ("?sort=oldest&q=lan+%26+anh", "?q=lan+%26+anh&sort=oldest"),
        ("?place=hue", "?place=Hu%E1%BA%BF"),
        ("?sort=backwards", ""),
    ],
)
def test_address_of_a_gallery_is_its_own_without_what_the_site_does_not_know(client, pageant, asked, query):
    make_entry(pageant, lives_in="Huế", hobbies=("hát",))

    page = head(client, f"/pageants/faces/{asked}")

    address = f"{SITE}/pageants/faces/{query}"
    assert page.canonical == [address]
    assert page.about_sharing["og:url"] == address
    assert page.alternates == {"en": address, "vi": f"{SITE}/vi/pageants/faces/{query}", "x-default": address}
    assert (("robots", "noindex, follow") in page.metas) is bool(query)


def test_address_of_a_later_page_is_its_own(client, pageant):
    bulk_entries(pageant, 30)
    after = client.get("/pageants/faces/").context["gallery"].next_query
    before = client.get(f"/pageants/faces/{after}").context["gallery"].previous_query

    assert [head(client, f"/pageants/faces/{query}").canonical for query in (after, before)] == [
        [f"{SITE}/pageants/faces/{after}"],
        [f"{SITE}/pageants/faces/{before}"],
    ]


@pytest.mark.parametrize(
    ("asked", "query"), [("?x=1", ""), ("?q=a&x=1", "?q=a"), ("?language=vi&q=b", "?q=b&language=vi")]
)
def test_address_of_a_directory_is_its_own_without_what_the_site_does_not_know(client, listing, asked, query):
    assert head(client, f"/websites/{asked}").canonical == [f"{SITE}/websites/{query}"]


def test_listing_is_shared_with_its_words(client, listing):
    shared = head(client, listing.get_absolute_url()).about_sharing

    assert (shared["og:title"], shared["og:description"]) == ("Đàn & phím – Music websites", listing.description)
