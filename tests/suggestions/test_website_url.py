"""URLs are parsed as browsers parse them, have one normal form for all spellings, or are refused."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggestions.website_url import (
    HasCredentials,
    NotPublic,
    TooLong,
    URLRefused,
    WebsiteURL,
    WrongScheme,
    confusable_skeleton,
    display_host,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://example.org", "example.org"),
        ("https://example.org/", "example.org"),
        ("http://example.org/", "example.org"),
        ("HTTPS://EXAMPLE.org", "example.org"),
        ("example.org", "example.org"),
        ("//example.org/x", "example.org/x"),
        ("  example.org/x  ", "example.org/x"),
        ("https:example.org", "example.org"),
        ("https:\\\\example.org\\a", "example.org/a"),
        ("https://example.org:443/", "example.org"),
        ("http://example.org:80/", "example.org"),
        ("https://example.org:8443/", "example.org:8443"),
        ("example.org:8080/a", "example.org:8080/a"),
        ("https://example.org./", "example.org"),
        ("https://example.org/a/", "example.org/a"),
        ("https://example.org/a//", "example.org/a"),
        ("https://example.org/a/./b/../c", "example.org/a/c"),
        ("https://example.org/a/%2e%2E/c", "example.org/c"),
        ("https://example.org/%7euser/%c3%a9", "example.org/~user/%C3%A9"),
        ("https://example.org/é", "example.org/%C3%A9"),
        ("https://example.org/A", "example.org/A"),
        ("https://example.org/a?b=1&a=2", "example.org/a?b=1&a=2"),
        ("https://example.org/a/?b", "example.org/a?b"),
        ("https://example.org/?", "example.org"),
        ("https://example.org/#top", "example.org"),
        ("https://example.org/#", "example.org"),
        ("https://example.org/#/", "example.org"),
        ("https://example.org/#!", "example.org"),
        ("https://example.org/#!/", "example.org"),
        ("https://example.org/#/songs/", "example.org#/songs"),
        ("https://example.org#/%7enhạc?page=2", "example.org#/~nh%E1%BA%A1c?page=2"),
        ("https://example.org/a/#!songs", "example.org/a#!songs"),
        ("https://example.org/a/?b=1#/c", "example.org/a?b=1#/c"),
        ("https://example.org/?q=a+b", "example.org?q=a+b"),
        ("https://example.org/?q=a%20b", "example.org?q=a+b"),
        ("https://example.org/?q=a b", "example.org?q=a+b"),
        ("https://example.org/?q=a%2Bb", "example.org?q=a%2Bb"),
        ("https://example.org/a%20b+c", "example.org/a%20b+c"),
        ("https://example.org/?utm_source=a&UTM_x=b&fbclid=c&gclid=d&id=7", "example.org?id=7"),
        ("https://example.org/?utm=1&ref=2&source=3", "example.org?utm=1&ref=2&source=3"),
        ("https://nhạc.example/", "xn--nhc-tgz.example"),
        ("https://NHẠC.example/", "xn--nhc-tgz.example"),
        ("https://xn--nhc-tgz.example/", "xn--nhc-tgz.example"),
        ("https://ｅｘａｍｐｌｅ．org/", "example.org"),
        ("https://exam%70le.org/", "example.org"),
        ("https://example。org/", "example.org"),
    ],
)
def test_spellings_of_a_url_have_one_normal_form(text, normal):
    website = WebsiteURL.parse(text)

    assert website.normal == normal
    assert WebsiteURL.parse(website.normal).normal == normal
    assert WebsiteURL.parse(website.link).normal == normal


def test_link_leads_where_it_was_meant_to():
    website = WebsiteURL.parse("http://Example.org:80/a/../B/?utm_source=x&id=1#part")

    assert website == WebsiteURL("http://example.org/B/?id=1#part", "example.org/B?id=1", "example.org")


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("example.org/a;jsessionid=1F0.node1", "example.org/a;JSESSIONID=2E9", True),
        ("example.org/a;jsessionid=1F0", "example.org/a", True),
        ("example.org/;jsessionid=1F0?b=1", "example.org/?b=1", True),
        ("example.org/(S(lit3py55t21z5v55))/a", "example.org/(S(a1b2c3))/a", True),
        ("example.org/(S(lit3py55t21z5v55))/a", "example.org/a", True),
        ("example.org/?PHPSESSID=1f0&b=1", "example.org/?b=1&phpsessid=2e9", True),
        ("example.org/?sid=1f0", "example.org", True),
        ("example.org/?ts=1&__cf_chl_tk=x", "example.org/?ts=2&nonce=y", True),
        ("example.org/?b=1&sid=1f0", "example.org/?b=2&sid=1f0", False),
        ("example.org/a;version=1", "example.org/a;version=2", False),
        ("example.org/a;jsessionid=1F0", "example.org/b;jsessionid=1F0", False),
        ("example.org/?sid=1#/a", "example.org/?sid=2#/b", False),
        ("example.org/(songs)/a", "example.org/a", False),
    ],
)
def test_what_changes_with_each_visit_does_not_last(one, other, are_one):
    assert (WebsiteURL.parse(one).lasting == WebsiteURL.parse(other).lasting) is are_one


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", URLRefused),
        (" ", URLRefused),
        ("https://", URLRefused),
        ("https://exa mple.org/", URLRefused),
        ("https://exam<ple.org/", URLRefused),
        ("https://-a.example/", URLRefused),
        ("https://a..example/", URLRefused),
        (f"https://{'a' * 64}.example/", URLRefused),
        (f"https://{'a.' * 130}example/", URLRefused),
        ("https://example.org:99999/", URLRefused),
        ("https://\ud800.example/", URLRefused),
        ("javascript:alert(1)", WrongScheme),
        ("data:text/html,x", WrongScheme),
        ("ftp://example.org/", WrongScheme),
        ("mailto:a@example.org", WrongScheme),
        ("file:///etc/passwd", WrongScheme),
        ("https://user@example.org/", HasCredentials),
        ("https://user:password@example.org/", HasCredentials),
        ("https://:password@example.org/", HasCredentials),
        ("localhost", NotPublic),
        ("http://localhost:8000/", NotPublic),
        ("http://intranet/", NotPublic),
        ("http://printer.local/", NotPublic),
        ("http://db.internal/", NotPublic),
        ("http://site.localhost./", NotPublic),
        ("http://127.0.0.1/", NotPublic),
        ("http://2130706433/", NotPublic),
        ("http://0x7f.1/", NotPublic),
        ("http://0177.0.0.1/", NotPublic),
        ("http://１２７.0.0.1/", NotPublic),
        ("http://169.254.169.254/latest/", NotPublic),
        ("http://8.8.8.8/", NotPublic),
        ("http://[::1]/", NotPublic),
        ("http://[::ffff:127.0.0.1]/", NotPublic),
        (f"https://example.org/{'a' * 1000}", TooLong),
        (f"https://example.org/{'ạ' * 200}", TooLong),
    ],
)
def test_url_that_leads_to_no_public_website_is_refused(text, why):
    with pytest.raises(URLRefused) as raised:
        WebsiteURL.parse(text)

    assert raised.type is why


PIECES = st.text(st.sampled_from(string.printable + "ạđ。．а@:/?#[]%\\\0\ud800\u202e"), max_size=60)


@given(st.one_of(st.text(), PIECES, PIECES.map("https://".__add__), PIECES.map("https://example.org/".__add__)))
def test_any_text_is_a_url_or_refused_and_the_normal_form_is_stable(text):
    try:
        website = WebsiteURL.parse(text)
    except URLRefused:
        return
    again = WebsiteURL.parse(website.normal)
    assert (again.normal, again.host) == (website.normal, website.host)
    assert WebsiteURL.parse(website.link).normal == website.normal
    assert website.link.isascii()
    assert website.link.startswith(("http://", "https://"))
    assert not set(website.link) & set('"<> \n\r\t')


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("example.org", "example.org"),
        ("xn--nhc-tgz.example", "nhạc.example"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--r8jz45g.xn--zckzah", "例え.テスト"),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),  # Cyrillic that reads as a Latin name
        ("xn--pple-43d.com", "xn--pple-43d.com"),  # one Cyrillic letter among Latin ones
        ("xn--a.example", "xn--a.example"),  # no punycode
        ("a-1.example", "a-1.example"),
    ],
)
def test_host_is_shown_in_its_letters_only_where_they_are_of_one_script(host, shown):
    assert display_host(host) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nhacxua.example", "nhac-xua.example"),
        ("nhacxua.example", WebsiteURL.parse("nhạcxưa.example").host),
        ("apple.com", "xn--pple-43d.com"),
        ("google.example", "g00gle.example"),
        ("lananh.example", "1ananh.example"),
        ("modern.example", "modem.example"),
        ("example.org", "www.example.org"),
        ("dan.example", WebsiteURL.parse("đàn.example").host),
    ],
)
def test_hosts_that_look_alike_have_one_skeleton(one, other):
    assert confusable_skeleton(one) == confusable_skeleton(other)


def test_hosts_that_do_not_look_alike_have_other_skeletons():
    hosts = ["nhac.example", "nhac.org", "hat.example", "nhacxua.example", "a.nhac.example"]

    assert len({confusable_skeleton(host) for host in hosts}) == len(hosts)
