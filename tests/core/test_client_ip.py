import pytest
from django.test import RequestFactory

from core.http.client_ip import UNKNOWN, client_ip, client_network


def request_from(peer, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=peer, **headers)


@pytest.mark.parametrize("forwarded", [None, "", "203.0.113.9", "203.0.113.9, 10.0.0.1"])
def test_client_without_proxies_is_the_peer(settings, forwarded):
    settings.TRUSTED_PROXIES = 0
    assert client_ip(request_from("198.51.100.7", forwarded)) == "198.51.100.7"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (1, "nonsense,203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "1.2.3.4,5.6.7.8,203.0.113.9,10.0.0.1", "203.0.113.9"),
        (3, " 203.0.113.9 , 10.0.0.1 , 10.0.0.2 ", "203.0.113.9"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "2001:DB8:0:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9:443", "203.0.113.9"),
        (1, "203.0.113.9:65535", "203.0.113.9"),
        (2, "203.0.113.9:443, 10.0.0.1:8080", "203.0.113.9"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "1.2.3.4, [2001:DB8:0:0::1]:443", "2001:db8::1"),
        (1, "[::ffff:203.0.113.9]:443", "203.0.113.9"),
        (1, "2001:db8::1:443", "2001:db8::1:443"),  # without brackets it is all address
    ],
)
def test_client_behind_proxies_is_what_the_outermost_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert client_ip(request_from("10.0.0.9", forwarded)) == address


@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [
        (1, None),
        (1, ""),
        (1, "unknown"),
        (1, "203.0.113.9:"),
        (1, "203.0.113.9:65536"),
        (1, "203.0.113.9:-1"),
        (1, "203.0.113.9:443:443"),
        (1, "203.0.113.9:४४३"),
        (1, "203.0.113.009:443"),
        (1, "[203.0.113.9]:443"),
        (1, "[2001:db8::1"),
        (1, "2001:db8::1]:443"),
        (1, "[2001:db8::1]443"),
        (1, "[2001:db8::1]:443 x"),
        (1, "[]:443"),
        (1, "[[2001:db8::1]]"),
        (1, "[2001:db8:::1]:443"),
        (1, "fe80::1%eth0"),
        (1, "[fe80::1%eth0]"),
        (1, "[fe80::1%25eth0]:443"),
        (1, "203.0.113.9, "),
        (1, "203.0.113.009"),
        (1, "1.2.3.4, <script>"),
        (1, "0x7f.1"),
        (2, "203.0.113.9"),
        (2, "nonsense, 10.0.0.1"),
    ],
)
def test_client_whose_proxies_say_odd_things_is_the_peer(settings, proxies, forwarded):
    settings.TRUSTED_PROXIES = proxies
    assert client_ip(request_from("10.0.0.9", forwarded)) == "10.0.0.9"


@pytest.mark.parametrize("peer", ["", "unix:", "\x00"])
def test_client_on_a_socket_without_address_is_unknown(settings, peer):
    settings.TRUSTED_PROXIES = 0
    assert client_ip(request_from(peer)) == UNKNOWN


def test_client_on_a_socket_is_known_by_the_proxy(settings):
    settings.TRUSTED_PROXIES = 1
    assert client_ip(request_from("", "203.0.113.9")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_network_is_an_ipv4_address_or_what_an_ipv6_subscriber_has(settings, peer, network):
    settings.TRUSTED_PROXIES = 0
    assert client_network(request_from(peer)) == network
