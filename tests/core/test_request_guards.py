"""What no page of ours sends: it never ends as a server error."""

import pytest
from django.test import Client
from post_office.models import Email

from core.http.uploads_apart import IS_BUSY
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def entry():
    return make_entry(make_pageant(slug="faces"), photos=0, status="waiting")


PAGES = ["/", "/vi/", "/pageants/", "/pageants/faces/", "/pageants/faces/enter/", "/privacy/you/", "/privacy/you/x/"]


def multipart(charset=None, **fields):
    """What a client posts: a form whose values are bytes as they are."""
    parts = [
        b'--frontier\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    ]
    kind = "multipart/form-data; boundary=frontier" + (f"; charset={charset}" if charset else "")
    return {"data": b"".join(parts) + b"--frontier--\r\n", "content_type": kind}


def send(client, address, form):
    return client.generic("POST", address, **form)


# NUL bytes


@pytest.mark.parametrize(
    "address", ["/%00", "/pageants/fa%00ces/", "/privacy/you/%00/", "/vi/%00/", "/media/%00", "/static/%00"]
)
def test_nul_byte_in_the_path_is_refused(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "%00", "q=a%00b", "x=1&%00=1", "after=%00"])
@pytest.mark.parametrize("address", PAGES)
def test_nul_byte_in_the_query_is_refused(client, entry, address, query):
    assert client.get(f"{address}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [("/privacy/you/", 200), ("/pageants/faces/enter/", 200), ("/privacy/you/x/", 404), ("/admin/login/", 200)],
)
@pytest.mark.parametrize("encode", [dict, lambda fields: multipart(**{k: v.encode() for k, v in fields.items()})])
def test_nul_byte_in_a_form_is_an_error_on_the_form(client, entry, address, status, encode):
    fields = dict.fromkeys(
        ["email", "display_name", "draft", "remove", "again", "username", "password", "hobbies"], "a\0b"
    )
    form = encode(fields)
    response = send(client, address, form) if "content_type" in form else client.post(address, form)

    assert response.status_code == status
    assert Email.objects.count() == 0


@pytest.mark.parametrize("name", ["session", "csrf", "messages", "django_language"])
@pytest.mark.parametrize(
    "value", ['"\\000' + "a" * 32 + '"', "a" * 100_000, "\\ud800", "🎵".encode().decode("latin-1")]
)
def test_odd_cookie_is_refused_or_as_good_as_none(client, settings, name, value):
    settings.SESSION_COOKIE_NAME = "session"
    answers = {"/": {200, 400}, "/admin/login/": {200, 400}, "/admin/": {302, 400}}
    got = {address: client.get(address, HTTP_COOKIE=f"{name}={value}").status_code for address in answers}

    assert [address for address, status in got.items() if status not in answers[address]] == []


# Odd charsets: some of Python's decoders make lone surrogates or NUL bytes of plain letters, or aren't for text at all.

CHARSETS = [
    "hex",
    "base64",
    "zlib",
    "rot13",
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "utf-7",
    "raw_unicode_escape",
]
MORE_CHARSETS = [
    "utf-16",
    "utf-32",
    "utf-16-le",
    "utf-8-sig",
    "latin-1",
    "cp1258",
    "ascii",
    "mbcs",
    "nonsense",
    "x" * 1000,
]
HARMFUL = b"\\ud800 \\x00 +2AA- +AAA- \xed\xa0\x80 \xff\xfe\x00\xd8 a@b.example"


@pytest.mark.parametrize("charset", [*CHARSETS, *MORE_CHARSETS])
@pytest.mark.parametrize(
    ("address", "answers"),
    [
        ("/privacy/you/", {200, 400}),
        ("/pageants/faces/enter/", {200, 400}),
        ("/privacy/you/x/", {404, 400}),
        ("/admin/login/", {200, 400}),
    ],
)
def test_form_in_an_odd_charset_is_refused(client, entry, address, answers, charset):
    fields = dict.fromkeys(
        ["email", "display_name", "about", "hobbies", "draft", "remove", "username", "password"], HARMFUL
    )

    response = send(client, address, multipart(charset, **fields))

    assert response.status_code in answers
    assert Email.objects.count() == 0


@pytest.mark.parametrize("charset", [*CHARSETS, *MORE_CHARSETS])
def test_query_in_an_odd_charset_is_refused(client, entry, charset):
    query = "q=%5Cud800%5Cx00%2B2AA-%2BAAA-%ED%A0%80&hobby=%FF%FE&place=%5Cx00&sort=%2BAAA-&after=%5Cx00"
    response = client.generic("GET", f"/pageants/faces/?{query}", content_type=f"text/plain; charset={charset}")

    assert response.status_code in {200, 400}


@pytest.mark.parametrize(
    "query",
    ["q=%ED%A0%80", "q=%FF", "q=\udcff", "%ED%A0%80=1", "q=%", "q=%zz", "q=\\ud800", "&&&==", "q=" + "%F0" * 100],
)
def test_query_that_is_no_utf8_is_a_page(client, entry, query):
    assert (
        client.get("/pageants/faces/?" + query.encode("utf-8", "surrogateescape").decode("latin-1")).status_code == 200
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--",
        b"--frontier",
        b"--frontier\r\n\r\n",
        b"\0" * 100,
        b'--frontier\r\nContent-Disposition: form-data; name="email"\r\n\r\na@b',
    ],
)
def test_broken_multipart_body_is_no_server_error(client, body):
    response = client.generic("POST", "/privacy/you/", body, content_type="multipart/form-data; boundary=frontier")

    assert response.status_code in {200, 400}
    assert Email.objects.count() == 0


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/form-data; boundary=ü",
        "application/json",
        "text/plain",
        "",
        ";;;",
        "application/x-www-form-urlencoded; charset=utf-7",
    ],
)
def test_odd_content_type_is_no_server_error(client, kind):
    response = client.generic("POST", "/privacy/you/", b"email=a@b.example", content_type=kind)

    assert response.status_code in {200, 400}
    assert Email.objects.count() == 0


# Too much


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("name", ["q", "after", "draft", "x"])
def test_query_of_100_kilobytes_is_refused(client, entry, address, name):
    assert client.get(f"{address}?{name}={'a' * 100_000}").status_code == 400


def test_query_limit_leaves_room_for_the_longest_search(client, entry):
    assert client.get("/pageants/faces/?q=" + "%E1%BA%BF" * 100).status_code == 200
    assert client.get("/pageants/faces/?q=" + "a" * (8 * 1024 - 2)).status_code == 200
    assert client.get("/pageants/faces/?q=" + "a" * (8 * 1024 - 1)).status_code == 400


@pytest.mark.parametrize("parameter", ["q=1", "=", "a[]=", "q"])
def test_query_with_1000_parameters_is_refused(client, entry, parameter):
    assert client.get("/pageants/faces/?" + "&".join([parameter] * 1000)).status_code == 400


@pytest.mark.parametrize("address", ["/privacy/you/", "/pageants/faces/enter/"])
def test_form_with_1000_fields_is_refused(client, entry, address):
    fields = {f"x{n}": "1" for n in range(1000)}

    assert client.post(address, fields).status_code == 400
    body = "&".join(f"{name}=1" for name in fields)
    assert client.post(address, body, content_type="application/x-www-form-urlencoded").status_code == 400


def test_form_with_1000_files_is_refused(client, entry):
    part = b'--frontier\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\nx\r\n'
    body = part * 1000 + b"--frontier--\r\n"

    response = client.generic(
        "POST", "/pageants/faces/enter/", body, content_type="multipart/form-data; boundary=frontier"
    )

    assert response.status_code == 400


def test_form_with_megabytes_of_text_is_refused(client, entry):
    assert client.post("/pageants/faces/enter/", {"about": "a" * 1_100_000}).status_code == 400
    assert client.post("/pageants/faces/enter/", {"about": "a" * 500_000}).status_code == 200


@pytest.mark.parametrize("address", [*PAGES, "/nothing/", "/media/x", "/static/x", "/admin/"])
@pytest.mark.parametrize("length", ["83886081", "99999999999999999999", "9" * 5000])
def test_body_over_the_limit_is_refused_unread(client, address, length):
    response = client.generic("POST", address, b"", CONTENT_LENGTH=length)

    assert response.status_code == 413


@pytest.mark.parametrize("length", ["", "-1", "abc", "1e9", "²", " 5", "0x10"])
def test_odd_length_of_the_body_is_no_server_error(client, length):
    assert client.generic("POST", "/privacy/you/", b"", CONTENT_LENGTH=length).status_code == 200


def test_body_at_the_limit_is_read(client, settings):
    settings.REQUEST_BODY_LIMIT = 100
    form = multipart(email=b"anh@example.com")
    settings.REQUEST_BODY_LIMIT = len(form["data"])
    assert send(client, "/privacy/you/", form).status_code == 302
    settings.REQUEST_BODY_LIMIT -= 1
    assert send(client, "/privacy/you/", form).status_code == 413


def test_body_limit_holds_five_photos_of_15_megabytes(settings):
    assert settings.REQUEST_BODY_LIMIT == 80 * 1024 * 1024


# Hosts and methods


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "testserver.evil.example",
        "testserver:80:80",
        "testserver@evil.example",
        "",
        "[",
        "a b",
        "testserver\0",
    ],
)
def test_unknown_host_is_refused(client, host):
    response = client.get("/", headers={"host": host})

    assert (response.status_code, "evil.example" in response.content.decode()) == (400, False)


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"])
def test_header_that_claims_another_host_is_ignored(client, name):
    plain = client.get("/")
    assert client.get("/", headers={name: "evil.example"}).content == plain.content


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
@pytest.mark.parametrize(
    "address", ["/", "/pageants/", "/robots.txt", "/healthz", "/sitemap.xml", "/privacy/you/asked/"]
)
def test_page_that_is_only_read_refuses_other_methods(client, address, method):
    assert client.generic(method, address).status_code == 405


@pytest.mark.parametrize("address", ["/", "/pageants/", "/pageants/faces/", "/privacy/you/", "/robots.txt", "/healthz"])
def test_head_is_a_page_without_body(client, entry, address):
    response = client.head(address)

    assert (response.status_code, response.content) == (200, b"")


# Posts from elsewhere

SAME = {"/privacy/you/": 302, "/pageants/faces/enter/": 200}


def post(client, address, **headers):
    return client.post(
        address, {"email": "anh@example.com"}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize("address", SAME)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-origin", "origin": "http://testserver"},
        {"origin": "http://testserver"},
    ],
)
def test_post_from_our_own_page_gets_through(client, entry, address, headers):
    assert post(client, address, **headers).status_code == SAME[address]


@pytest.mark.parametrize("address", [*SAME, "/", "/pageants/", "/admin/login/", "/pageants/faces/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://testserver"},
        {"sec_fetch_site": "nonsense"},
        {"sec_fetch_site": ""},
        {"origin": "http://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:8000"},
        {"origin": "http://testserver@evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "http://[::1"},
        {"origin": "http://testserver\u2100"},
    ],
)
def test_post_from_elsewhere_is_refused(client, entry, address, headers):
    response = post(client, address, **headers)

    assert response.status_code == 403
    assert Email.objects.count() == 0


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_method_from_elsewhere_is_refused(client, method):
    assert getattr(client, method)("/", headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
def test_reading_from_elsewhere_is_welcome(client, entry, site):
    assert client.get("/pageants/faces/", headers={"sec-fetch-site": site}).status_code == 200


def test_staff_login_needs_djangos_token_too(entry):
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        "/admin/login/", {"username": "a", "password": "b"}, headers={"sec-fetch-site": "same-origin"}
    )

    assert response.status_code == 403
    assert "This did not come from our page" in response.content.decode()


def test_form_that_nobody_has_time_for_is_asked_for_again_in_a_moment(client):
    for path, words in (("/pageants/faces/enter/", "One moment, please"), ("/vi/pageants/faces/enter/", "")):
        response = client.post(path, {"a": "b"}, **{IS_BUSY: True})
        assert (response.status_code, response["Retry-After"]) == (429, "10")
        assert words in response.content.decode()
