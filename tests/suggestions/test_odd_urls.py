"""Odd addresses, of the kinds in the WHATWG's tests for URLs: the form answers each with a page, never an error."""

import pytest

from suggestions.models import Suggestion
from suggestions.website_url import URLRefused, WebsiteURL

ODD = [
    "http://example\t.\norg", "http://user:pass@foo:21/bar;par?b#c", "https:foo.com", "https:/example.com/",
    "http:\\\\x:y@z\\", "http://f:/c", "http://f:0/c", "http://f:00000000000000/c",
    "http://f:00000000000000000000080/c",
    "http://f:b/c", "http://f: /c", "http://f:\n/c", "http://f:fifty-two/c", "http://f:65536/c", "http://f:-1/c",
    "  \t", ":foo.com/", ":", ":a", ":/", ":#", "#", "#/", "#\\", "#;?", "?", "/", ":23", "/:23", "::", "::23",
    "http://",
    "http://[1::2]:3:4", "http://2001::1", "http://2001::1]", "http://2001::1]:80", "http://[::127.0.0.1.]",
    "http://[0:0:0:0:0:0:13.1.68.3]", "http://[2001::1", "http://[www.google.com]/", "http://[google.com]", "http://[]",
    "http://[:]", "http://[::1%25eth0]/", "ftp:/example.com/", "madeupscheme:/example.com/", "file:/example.com/",
    "mailto:/example.com/", "javascript:/example.com/", "javascript:example.com/", "blob:https://example.com/x",
    "http://example.com/././foo", "http://example.com/foo/bar/../ton/../../a", "http://example.com/foo/../../../ton",
    "http://example.com/foo/%2e%2", "http://example.com/foo/%2e./%2e%2e/.%2e/%2e.bar", "http://example.com////../..",
    "http://example.com/foo%", "http://example.com/foo%2zbar", "http://example.com/foo%41%7a", "http://example.com/%00",
    "http://example.com/foo\t%91", "http://example.com/foo%00%51", "http://example.com/(%28:%3A%29)", "http://a.com/你好",
    "http://example.com/‥/foo", "http://example.com/\ufeff/foo", "http://example.com/\u202e/foo/\u202d/bar",
    "http://www.google.com/foo?bar=baz# »", "data:test# »", "http://[www.google.com]/", "http://www",
    "http://www/foo%2Ehtml",
    "http://foo:🔥@example.com/bar", "http://%25DOMAIN:foobar@foodomain.com/", "http:\\\\www.google.com\\foo",
    "http://foo:80/", "http://foo:81/", "httpa://foo:80/", "https://foo:-80/", "http://www.example.com?",
    "http://a?b@c/",
    "http://www.@pple.com", "http://@:www.example.com", "http:@/www.example.com", "http:/@/www.example.com",
    "http://a:b@www.example.com", "http://@pple.com", "http://::@c@d:2", "http://foo.com:b@d/",
    "http://foo/abcd?efgh?ijkl",
    "http://GOO\u200b\u2060\ufeffgoo.com", "\x00\x1b\x04\x12 http://example.com/\x1f \x0d ", "http://www.foo。bar.com",
    "http://\ufdd0zyx.com", "http://%ef%b7%90zyx.com", "http://Ｇｏ.com", "http://％４１.com",
    "http://%ef%bc%85%ef%bc%94.com",
    "http://％００.com", "http://你好你好", "http://%zz%66%a.com", "http://%25", "http://hello%00", "http://192.168.0.257",
    "http://%3g%78%63%30%2e%30%32%35%30%2E.01", "http://192.168.0.1 hello", "http://0xffffffff", "http://256",
    "http://1e2",
    "http://[fe80::cc]:443x", "http://i:\ud83d", "http://hello.0x", "http://1.2.3.4.5.6", "http://09.2.3.4",
    "http://foo.09..",
    "http://0Xc0.0250.01", "http://./", "http://../", "http://h\u0301.com", "http://xn--/", "http://xn--ls8h.la",
    "http://ß.com",
    "http://faß.ExAmPlE/",
    "http://ab--c.htm/", "http://\u00ad.com", "http://a\u00adb.example", "http://a_b.example", "http://☕.example",
    "http://x.example?\u0000", "http://x.example/?q=\ud800", "http://x.example/#\ud800", "http://x.example:0/",
    "https://x.example:00443",
    "http://ａ.example/%E0%A4%A",
    "http://x.example/" + "../" * 200, "http://x.example/?" + "&" * 900, "http://" + "a" * 63 + ".example",
    "http://" + "@" * 500 + "x.example", "http://x.example/<script>", "http://x.example/\"'><", "//", "///",
    "////x.example", "h", ".", "..",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[1:40])
def test_odd_url_is_parsed_or_refused(text):
    try:
        website = WebsiteURL.parse(text)
    except URLRefused:
        return
    assert WebsiteURL.parse(website.normal).normal == website.normal
    assert WebsiteURL.parse(website.link).normal == website.normal


@pytest.mark.django_db
def test_odd_url_in_the_form_is_never_a_server_error(client, fields):
    answers = {}
    for number, text in enumerate(ODD):
        posted = {**fields, "url": text.encode(errors="replace").decode(), "email": f"p{number}@example.com"}
        client_ip = {"REMOTE_ADDR": f"192.0.2.{number % 250}"}
        answers[text] = client.post("/websites/suggest/", posted, **client_ip).status_code

    assert {status for status in answers.values() if status not in {200, 302}} == set()
    assert Suggestion.objects.count() == list(answers.values()).count(302)
    assert client.get("/websites/").status_code == 200
