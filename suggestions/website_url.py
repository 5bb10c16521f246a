"""Addresses of websites: read as browsers read them, and normalised so that one site has one address.

Parsing is ada-url's, which follows the WHATWG's standard. What is refused here never gets into the database: other
schemes, user information, hosts that are numbers, and names that are only known inside some network.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

import ada_url
import idna
from django.utils.translation import gettext_lazy as _

LONGEST = 1_000  # characters of the normal form, which an index holds
SCHEME = re.compile(r"[a-z][a-z0-9+-]*:(?![0-9]+(?:[/?#]|$))", re.IGNORECASE)  # and not host:8080
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Names that mean something else in every network, or nothing at all.
LOCAL = frozenset(
    "localhost localdomain local internal intranet lan home corp private onion arpa invalid".split()  # noqa: SIM905
)

# Only what is known to say nothing but how somebody came by.
TRACKING = frozenset(
    "fbclid gclid dclid gbraid wbraid msclkid mc_cid mc_eid igshid igsh yclid twclid ttclid _ga _gl".split()  # noqa: SIM905
)


class AddressRefused(ValueError):
    """Not an address that we take; `message` is for the person who typed it."""

    message = _("This is not the address of a website. It looks like https://example.org/music.")


class WrongScheme(AddressRefused):
    message = _("Only addresses that begin with http:// or https:// lead to a website.")


class HasUser(AddressRefused):
    message = _("Please leave out the user name in front of the @.")


class NotPublic(AddressRefused):
    message = _("This address only works inside a network. Please give one that everybody can open.")


class TooLong(AddressRefused):
    message = _("This address is too long.")


@dataclass(frozen=True)
class Address:
    """`link` leads there; `normal` is the same for all spellings of one address; both are ASCII."""

    link: str
    normal: str
    host: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises AddressRefused."""
        parts = parse(text)
        if parts.username or parts.password:
            raise HasUser
        host = parts.hostname.rstrip(".")
        refuse_host(host)
        port = f":{parts.port}" if parts.port else ""  # empty where it is the scheme's own
        query = tidy_query(parts.search)
        path = tidy_escapes(parts.pathname)
        link = f"{parts.protocol}//{host}{port}{parts.pathname}{query}{parts.hash}"
        normal = f"{host}{port}{path.rstrip('/')}{tidy_escapes(query)}"
        if max(len(normal), len(link)) > LONGEST:
            raise TooLong
        return cls(link, normal, host)


def parse(text: str) -> ada_url.URL:
    """As in a browser's address bar: the scheme may be left out."""
    text = text.strip()
    if text.startswith("//"):
        text = f"https:{text}"
    elif not SCHEME.match(text):
        text = f"https://{text}"
    try:
        parts = ada_url.URL(text)
    except (ValueError, UnicodeError) as error:  # UnicodeError: lone surrogates
        raise AddressRefused from error
    if parts.protocol not in {"http:", "https:"}:
        raise WrongScheme
    return parts


def refuse_host(host: str) -> None:
    labels = host.split(".")
    if host.startswith("[") or labels[-1].isdecimal() or labels[-1] in LOCAL or len(labels) < 2:
        raise NotPublic
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise AddressRefused


def tidy_query(search: str) -> str:
    """Without the parameters that only track; the others as they were, in their order."""
    pairs = [pair for pair in search.removeprefix("?").split("&") if pair and not is_tracking(pair)]
    return f"?{'&'.join(pairs)}" if pairs else ""


def is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in TRACKING or name.startswith("utm_")


def tidy_escapes(text: str) -> str:
    """`%7e` and `~` are the same, and so are `%c3` and `%C3`."""

    def spell(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in UNRESERVED else f"%{match[1].upper()}"

    return PERCENT.sub(spell, text)


# How a host is shown, and what it could be mistaken for

# Chinese signs stand beside each of these scripts in ordinary words.
TOGETHER = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK", "BOPOMOFO": "CJK"}


def readable(host: str) -> str:
    """The host in its own letters where they are all of one script, else in ASCII: `xn--…` can't deceive."""
    unicode = in_unicode(host)
    return unicode if len(scripts_in(unicode)) <= 1 else host


def in_unicode(host: str) -> str:
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
    """The scripts of the letters, by the first word of their names."""
    letters = (character for character in host if unicodedata.category(character)[0] == "L")
    names = (unicodedata.name(letter, "unknown").split()[0] for letter in letters)
    return {TOGETHER.get(name, name) for name in names}


# Letters of other scripts, and digits, that look like Latin ones.
ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝӏьвмнткгпз" + "αβγεικνορτυχωηϲϳ" + "ıɑɡʟđłø01",
    "aeopcyxijshdqwlbbmhtkrn3" + "abyeikvoptuxwncj" + "iagldloo" + "l",
    "-_",
)


def skeleton(host: str) -> str:
    """What is left of a host when look-alikes are folded: hosts with the same skeleton could be mistaken."""
    decomposed = unicodedata.normalize("NFKD", in_unicode(host).casefold().removeprefix("www."))
    letters = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return letters.translate(ALIKE).replace("rn", "m").replace("vv", "w")
