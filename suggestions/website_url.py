"""URLs of websites, parsed as browsers parse them and normalised so that one page has one normal form.

ada-url does the parsing by the WHATWG URL Standard (https://url.spec.whatwg.org/). Anything refused here never reaches
the database: other schemes, credentials, IP addresses as hosts, and names that exist only inside a private network.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import ada_url
import idna
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 1_000  # characters of the link and of the normal form, which a database index must hold
MAX_HOST_LENGTH = 253  # characters, RFC 1035
SCHEME = re.compile(r"[a-z][a-z0-9+-]*:(?![0-9]+(?:[/?#]|$))", re.IGNORECASE)  # but not the `host:` of host:8080
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
PERCENT_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
# RFC 3986, section 2.3
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Top-level names that resolve differently on each network, or nowhere.
LOCAL = frozenset(
    "localhost localdomain local internal intranet lan home corp private onion arpa invalid".split()  # noqa: SIM905
)

# Query parameters that only record where a visitor came from. `utm_*` is one too.
TRACKING = frozenset(
    "fbclid gclid dclid gbraid wbraid msclkid mc_cid mc_eid igshid igsh yclid twclid ttclid _ga _gl".split()  # noqa: SIM905
)

# # Query parameters whose value differs with each visit: session ids, times and tokens. `__cf_*` is one too.
VOLATILE = frozenset(
    "phpsessid jsessionid aspsessionid cfid cftoken oscsid zenid sid sessid sessionid session_id session "  # noqa: SIM905
    "_ ts time timestamp rand random rnd nonce cb cachebuster state token csrf".split()
)
# Session ids that servers write into the path: `/a;jsessionid=…`, and ASP.NET's `/(S(…))/a`
SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?#]*|/\((?:[A-Z]\([^()/?#]*\))+\)", re.IGNORECASE)


class URLRefused(ValueError):
    """Raised for a URL that the directory does not accept. `message` is for the person who typed it."""

    message = _("This is not the address of a website. It should look like https://example.org/music.")


class WrongScheme(URLRefused):
    message = _("A website address has to begin with http:// or https://.")


class HasCredentials(URLRefused):
    message = _("Please leave out the user name in front of the @.")


class NotPublic(URLRefused):
    message = _("This address only works inside a network. Please give one that everybody can open.")


class TooLong(URLRefused):
    message = _("This address is too long.")


@dataclass(frozen=True)
class WebsiteURL:
    """An accepted URL. All three parts are ASCII.

    `link` is where to send visitors. `normal` has no scheme and is equal for all spellings of the same URL. `host` is
    the lower-case host name without a port.

    The fragment belongs to `normal` if scripts read it as the path of a page (`#/…`, `#!…`), but not if it only names a
    part of the page.
    """

    link: str
    normal: str
    host: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses a URL as it was typed. Raises URLRefused."""
        parts = parse_typed(text)
        if parts.username or parts.password:
            raise HasCredentials
        host = parts.hostname.rstrip(".")
        validate_host(host)
        port = f":{parts.port}" if parts.port else ""  # empty for the scheme's default port
        query = strip_tracking(parts.search)
        path = normalise_escapes(parts.pathname)
        link = f"{parts.protocol}//{host}{port}{parts.pathname}{query}{parts.hash}"
        normal = f"{host}{port}{path.rstrip('/')}{normalise_query(query)}{route_in(parts.hash)}"
        if max(len(normal), len(link)) > MAX_LENGTH:
            raise TooLong
        return cls(link, normal, host)

    @property
    def lasting(self) -> str:
        """The normal form without what changes with each visit: equal for two URLs that differ in a session id only."""
        url, hash_sign, route = self.normal.partition("#")
        path, _question_mark, query = url.partition("?")
        path = SESSION_IN_PATH.sub("", path).rstrip("/")
        return f"{path}{without(is_volatile, query)}{hash_sign}{route}"


def parse_typed(text: str) -> ada_url.URL:
    """Parses text as a browser's address bar does: without a scheme, https is assumed. Raises URLRefused."""
    text = text.strip()
    if text.startswith("//"):
        text = f"https:{text}"
    elif not SCHEME.match(text):
        text = f"https://{text}"
    try:
        parts = ada_url.URL(text)
    except (ValueError, UnicodeError) as error:  # UnicodeError: lone surrogates
        raise URLRefused from error
    if parts.protocol not in {"http:", "https:"}:
        raise WrongScheme
    return parts


def validate_host(host: str) -> None:
    """Raises NotPublic for IP addresses and local names, and URLRefused for anything that is not a DNS name."""
    labels = host.split(".")
    if host.startswith("[") or labels[-1].isdecimal() or labels[-1] in LOCAL or len(labels) < 2:
        raise NotPublic
    if len(host) > MAX_HOST_LENGTH or not all(LABEL.fullmatch(label) for label in labels):
        raise URLRefused


def strip_tracking(search: str) -> str:
    """Drops tracking parameters from a query string. The others keep their spelling and order."""
    return without(is_tracking, search.removeprefix("?"))


def without(is_dropped: Callable[[str], bool], query: str) -> str:
    """Drops parameters, named in lower case, from a query. Returns it with its question mark, or empty."""
    pairs = [pair for pair in query.split("&") if pair and not is_dropped(pair.partition("=")[0].lower())]
    return f"?{'&'.join(pairs)}" if pairs else ""


def is_tracking(name: str) -> bool:
    return name in TRACKING or name.startswith("utm_")


def is_volatile(name: str) -> bool:
    return name in VOLATILE or name.startswith(("__cf_", "aspsessionid"))


def normalise_query(query: str) -> str:
    """Normalises the escapes of a query, and the two spellings of a space."""
    return normalise_escapes(query).replace("%20", "+")


def route_in(fragment: str) -> str:
    """Returns the fragment if it is the path of a page, without its last slashes; else, and for `#/` and `#!`, ""."""
    if not fragment.startswith(("#/", "#!")):
        return ""
    route = normalise_escapes(fragment).rstrip("/")
    return "" if route in {"#", "#!"} else route


def normalise_escapes(text: str) -> str:
    """Normalises percent-encoding by RFC 3986, section 6.2.2: `%7e` becomes `~`, and `%c3` becomes `%C3`."""

    def normalise(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in UNRESERVED else f"%{match[1].upper()}"

    return PERCENT_ESCAPE.sub(normalise, text)


# Internationalised host names: how to show them, and which others they could be confused with

# Ordinary words combine Chinese characters with each of these scripts.
COMBINED_SCRIPTS = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK", "BOPOMOFO": "CJK"}


@lru_cache(maxsize=2048)  # the directory shows the same ones on each page
def display_host(host: str) -> str:
    """Returns the host in Unicode if all its letters are of one script, else in ASCII.

    A host that mixes scripts to imitate another one is therefore shown as `xn--…`.
    """
    unicode = host_in_unicode(host)
    return unicode if len(scripts_in(unicode)) <= 1 else host


def host_in_unicode(host: str) -> str:
    return ".".join(label_in_unicode(label) for label in host.split("."))


def label_in_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        text = idna.ulabel(label)
    except (idna.IDNAError, UnicodeError):
        return label
    return text if text == unicodedata.normalize("NFC", text) else label


def scripts_in(host: str) -> set[str]:
    """Returns the scripts of the host's letters, named by the first word of each letter's Unicode name."""
    letters = (character for character in host if unicodedata.category(character)[0] == "L")
    names = (unicodedata.name(letter, "unknown").split()[0] for letter in letters)
    return {COMBINED_SCRIPTS.get(name, name) for name in names}


# Digits, and letters of other scripts, mapped to the Latin letters they look like.
CONFUSABLES = str.maketrans(
    "аеорсухіјѕһԁԛԝӏьвмнткгпз" + "αβγεικνορτυχωηϲϳ" + "ıɑɡʟđłø01",
    "aeopcyxijshdqwlbbmhtkrn3" + "abyeikvoptuxwncj" + "iagldloo" + "l",
    "-_",
)


def confusable_skeleton(host: str) -> str:
    """Returns the host with look-alike characters folded: hosts with equal skeletons could be mistaken for each other.

    The idea is that of Unicode Technical Standard 39, section 4, with a far smaller table.
    """
    decomposed = unicodedata.normalize("NFKD", host_in_unicode(host).casefold().removeprefix("www."))
    letters = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return letters.translate(CONFUSABLES).replace("rn", "m").replace("vv", "w")
