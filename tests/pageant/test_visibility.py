"""What isn't public shows nowhere: every address is walked with rows in every state present."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import default_storage, storages
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from pageant.models import Draft, Entry, Photo
from tests.core.factories import a_master, make_staff
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db(transaction=True)

HIDDEN = ["unconfirmed", "waiting", "rejected", "withdrawn"]
SECRET = re.compile(r"Giấu kín|secret@example|Mật danh")


@pytest.fixture
def entries() -> dict[str, Entry]:
    pageant = make_pageant(slug="faces")
    made = {
        status: make_entry(
            pageant,
            status=status,
            display_name=f"Giấu kín {status}",
            lives_in=f"Mật danh {status}",
            hobbies=(f"mật danh {status}", "hát"),
            about="Giấu kín",
        )
        for status in HIDDEN
    }
    made["approved"] = make_entry(pageant, display_name="Công khai", email="secret@example.com", hobbies=("hát",))
    Photo.objects.add(a_master(4), draft=Draft.objects.create(pageant=pageant, key="d" * 22))
    return made


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def addresses(entry: Entry, key: str) -> list[str]:
    """Every route of the site but the admin's, filled with what belongs to that entry."""
    fillings = {
        "slug": entry.pageant.slug,
        "key": entry.key,
        "token": "t" * 43,
        "draft_key": "d" * 22,
        "name": "x",
        "number": "1",
        "cosponsorship": "1",
        "month": "2026-03",
    }
    found = []
    for route in patterns(get_resolver()):
        if route.startswith("admin/") or "media/" in route:
            continue
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: fillings[match[1]], route)
        found += [f"/{filled}", f"/vi/{filled}"]
        if "photos/" in route or "draft_key" in route:
            found.append("/" + filled.replace(entry.key, key))
    return found


def renditions(key: str) -> list[str]:
    names = [
        f"photos/{key[:2]}/{key}-{width}.{extension}"
        for width in (320, 600, 640, 1280)
        for extension in ("avif", "jpg")
    ]
    return [default_storage.url(name) for name in (*names, f"masters/{key[:2]}/{key}.jpg")]


def body(client: Client, address: str) -> tuple[int, str]:
    response = client.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response.status_code, content.decode(errors="replace")


@pytest.fixture(params=["stranger", "superuser"])
def visitor(request: pytest.FixtureRequest) -> Client:
    client = Client()
    if request.param != "stranger":
        client.force_login(make_staff(is_superuser=request.param == "superuser"))
    return client


def test_what_is_not_public_shows_on_no_address(visitor, entries):
    walked = set()
    for status, entry in entries.items():
        photo = entry.photos.first()
        key = photo.key if photo else "0" * 32
        walked |= {*addresses(entry, key), *(renditions(key) if status != "approved" else ())}
    for photo in Photo.objects.filter(draft__isnull=False):
        walked |= {*renditions(photo.key)}
    seen = {address: body(visitor, address) for address in walked}

    assert len(seen) > 60
    assert [address for address, (_status, text) in seen.items() if SECRET.search(text)] == []
    assert [address for address, (status, _text) in seen.items() if status >= 500] == []
    hidden = [entry for status, entry in entries.items() if status != "approved"]
    assert {seen[entry.get_absolute_url()][0] for entry in hidden} == {404}
    assert {seen[address][0] for address in seen if address.startswith("/media/")} == {404}
    assert seen[entries["approved"].get_absolute_url()][0] == 200
    assert visitor.cookies.keys() <= {"session"}


def test_nothing_public_has_a_file_but_the_approved(entries):
    key = entries["approved"].photos.get().key

    files = [file.name for file in Path(default_storage.location).rglob("*.*")]

    assert {name.partition("-")[0] for name in files} == {key}
    assert not Path(storages["private"].location).is_relative_to(default_storage.location)


def test_hidden_entries_offer_no_filter_and_count_nowhere(client, entries):
    gallery = client.get("/pageants/faces/").context["gallery"]

    assert [(tally.label, tally.entries) for tally in gallery.hobbies] == [("hát", 1)]
    assert gallery.places == ()
    for query in ({"q": "giau kin"}, {"hobby": "mật danh waiting"}, {"place": "mat danh waiting"}):
        assert client.get("/pageants/faces/", query).context["gallery"].page.rows == []


def test_public_pages_set_no_cookie_and_link_to_no_other_host(client, entries):
    for address in addresses(entries["approved"], "0" * 32):
        status, text = body(client, address)
        if status == 200:
            loaded = re.findall(r'(?:src|srcset|href)="(https?://[^"]+)"', text)
            assert [link for link in loaded if not link.startswith("http://testserver/")] == [], address
    assert client.cookies == {}


def test_masters_are_for_staff_who_may_see_entries(visitor, entries, request):
    photo = entries["waiting"].photos.get()
    allowed = "stranger" not in request.node.name

    response = visitor.get(f"/admin/pageant/entry/photos/{photo.key}/large/")

    assert (response.status_code == 200) == allowed
