"""What a page weighs on a slow line: its style sheets and scripts, how they are compressed and kept, and itself."""

import gzip
import json
import re

import brotli
import pytest
from django.conf import settings

from tests.core.concurrency import run
from tests.pageant.factories import make_entry, make_pageant

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgresql(False)]


@pytest.fixture
def entry():
    return make_entry(make_pageant(slug="faces"))


STATIC = settings.BASE_DIR / "static"


# As production sends them, which is a matter of settings: so in a process of its own.

ASKING = """
import json, sys
from pathlib import Path
import django
import vietmusic.settings as settings
settings.STATIC_ROOT = Path(sys.argv[1])
django.setup()
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client
call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "post_office"])
client = Client()
answers = {}
for name in ("css/tokens.css", "css/site.css", "favicon.svg", "card.jpg"):
    for accepted in ("gzip, deflate, br", "gzip", "identity"):
        response = client.get(static(name), headers={"accept-encoding": accepted})
        body = b"".join(response.streaming_content)
        answers[f"{name} {accepted}"] = [static(name), dict(response.headers), body.hex()]
print(json.dumps(answers))
"""
UNPACK = {"gzip, deflate, br": ("br", brotli.decompress), "gzip": ("gzip", gzip.decompress)}
FOR_EVER = "max-age=315360000, public, immutable"


@pytest.fixture(scope="module")
def sent(checkout, tmp_path_factory):
    variables = {
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "http://testserver",
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
    }
    asked = run(["-c", ASKING, str(tmp_path_factory.mktemp("static"))], cwd=checkout, **variables)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout.splitlines()[-1])


@pytest.mark.parametrize("accepted", UNPACK)
@pytest.mark.parametrize("name", ["css/tokens.css", "favicon.svg"])
def test_file_is_sent_as_small_as_the_browser_can_read_it(sent, name, accepted):
    _address, headers, body = sent[f"{name} {accepted}"]
    encoding, unpack = UNPACK[accepted]

    assert (headers["Content-Encoding"], headers["Vary"]) == (encoding, "Accept-Encoding")
    assert len(unpack(bytes.fromhex(body))) == (STATIC / name).stat().st_size > len(body) // 2


@pytest.mark.parametrize("name", ["css/tokens.css", "favicon.svg", "card.jpg"])
def test_file_is_kept_for_ever_under_a_name_that_holds_its_digest(sent, name):
    address, headers, body = sent[f"{name} identity"]

    stem, _, extension = name.partition(".")
    assert re.fullmatch(rf"/static/{stem}\.[0-9a-f]{{12}}\.{extension}", address)
    assert (headers["Cache-Control"], headers.get("Content-Encoding")) == (FOR_EVER, None)
    assert bytes.fromhex(body) == (STATIC / name).read_bytes()


@pytest.mark.parametrize("accepted", ["identity", *UNPACK])
def test_sheets_of_public_pages_are_sent_as_one(sent, accepted):
    address, _headers, body = sent[f"css/site.css {accepted}"]
    _encoding, unpack = UNPACK.get(accepted, (None, bytes))

    whole = unpack(bytes.fromhex(body)).decode()
    names = re.findall(r'@import "(.+)";', (STATIC / "css/site.css").read_text())
    assert "@import" not in whole
    assert whole.endswith("".join((STATIC / "css" / name).read_text() for name in names))
    assert address != "/static/css/site.css"


@pytest.mark.parametrize("accepted", UNPACK)
def test_picture_is_not_compressed_again(sent, accepted):
    assert "Content-Encoding" not in sent[f"card.jpg {accepted}"][1]


# The page itself (docs/decisions/what-is-compressed.md)

GZIP = {"accept-encoding": "gzip, deflate, br"}


def encoding(response):
    response.close()
    return response.get("Content-Encoding")


@pytest.mark.parametrize(
    "address", ["/", "/vi/pageants/faces/", "/privacy/", "/pageants/faces/feed/", "/sitemap.xml", "/nothing/"]
)
def test_page_for_everybody_is_compressed(client, entry, address):
    plain, packed = client.get(address), client.get(address, headers=GZIP)

    assert (encoding(plain), encoding(packed)) == (None, "gzip")
    assert gzip.decompress(packed.content) == plain.content
    assert ["Accept-Encoding" in response["Vary"] for response in (plain, packed)] == [True, True]


def test_picture_is_sent_as_it_is(client, entry):
    assert encoding(client.get(f"/media/{entry.photos.first().rendition_name(600, 'jpg')}", headers=GZIP)) is None


@pytest.mark.parametrize("address", ["/privacy/you/some-token/", "/vi/privacy/you/some-token/erase/", "/admin/login/"])
def test_page_of_somebodys_own_is_sent_as_it_is(client, address):
    page = client.get(address, headers=GZIP)

    assert (encoding(page), len(page.content) > 1000) == (None, True)


def test_staff_pages_are_sent_as_they_are(admin_client, entry):
    addresses = ["/admin/", "/admin/pageant/entry/", f"/admin/pageant/entry/{entry.pk}/change/"]
    pages = [admin_client.get(address, headers=GZIP) for address in addresses]

    assert [(page.status_code, encoding(page)) for page in pages] == [(200, None)] * 3


def test_page_for_a_browser_with_preferences_is_sent_as_it_is(client, entry):
    client.post("/privacy/cookies/", {"choice": "all"})
    client.get("/pageants/faces/")
    assert settings.PREFERENCES_COOKIE_NAME in client.cookies

    assert encoding(client.get("/", headers=GZIP)) is None
