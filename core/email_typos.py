"""Guesses which e-mail address was meant by one that looks mistyped: gmail.con, gmial.com, ftp.vn, accents."""

import re
import unicodedata

from core.email_address import LONGEST, EmailRefused, parse_email, tidy_email

# Mail hosts of international and Vietnamese providers.
HOSTS = (
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.com.vn", "ymail.com", "rocketmail.com", "hotmail.com",
    "outlook.com", "outlook.com.vn", "live.com", "msn.com", "icloud.com", "protonmail.com", "proton.me", "zoho.com",
    "vnn.vn", "hn.vnn.vn", "hcm.vnn.vn", "dng.vnn.vn", "fpt.vn", "hn.fpt.vn", "hcm.fpt.vn", "fpt.com.vn", "fpt.edu.vn",
    "vnpt.vn", "viettel.vn", "viettel.com.vn", "netnam.vn", "saigonnet.vn", "zing.vn",
)  # fmt: skip
# Nobody has an address there, but many people in Vietnam write one.
MEANT = {"gmail.vn": "gmail.com", "gmail.com.vn": "gmail.com"}
# Real mail hosts, although they look like a slip in one of HOSTS.
GENUINE = frozenset({"cloud.com", "email.com", "mail.com"})
SHORT = 5  # letters; a slip in a shorter name makes another company's


def likely_meant(text: str) -> str | None:
    """The address that was most likely meant, in its canonical form; None if there is no doubt, or no idea."""
    email = tidy_email(text)
    if len(email) > LONGEST:
        return None
    local, at, domain = email.rpartition("@")
    if not at:
        local, domain = split_at_host(email)
    domain = domain.lower()
    guess = f"{without_accents(local)}@{nearest_host(domain)}"
    if at and guess == f"{local}@{domain}":
        return None
    try:
        return parse_email(guess)
    except EmailRefused:
        return None


def split_at_host(text: str) -> tuple[str, str]:
    """Splits an address that lacks its @, such as `lan.gmail.com`; the local part is empty without a known host."""
    for host in sorted(HOSTS, key=len, reverse=True):
        if len(host) > len("fpt.vn") and text.lower().endswith(host):
            return text[: -len(host)].rstrip(". "), host
    return "", text


def without_accents(text: str) -> str:
    """The text in plain letters: Vietnamese keyboards turn `aa` into `â`, and `dd` into `đ`."""
    plain = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(character for character in plain if unicodedata.category(character) != "Mn")


def nearest_host(domain: str) -> str:
    """The host that the domain is a close miss of, or the domain itself."""
    domain = re.sub(r"[.,;: ]+", ".", domain)
    if domain in GENUINE:
        return domain
    spelled = without_accents(domain)
    if spelled in MEANT:
        return MEANT[spelled]
    near = {host: distance for host in HOSTS if (distance := misses(spelled, host)) is not None}
    return min(near, key=lambda host: near[host], default=domain)


def misses(domain: str, host: str) -> int | None:
    """How many of its two parts, before and after the first dot, differ by a slip; None if either differs by more."""
    name, _, rest = host.partition(".")
    typed_name, dot, typed_rest = domain.partition(".")
    if not dot:
        return 1 if domain in {name, name + rest} and len(name) >= SHORT else None
    parts = [(typed_name, name), (typed_rest, rest)]
    if len(name) < SHORT and typed_name != name and (set(typed_name) != set(name) or typed_rest != rest):
        return None
    if not all(is_slip(typed, meant) for typed, meant in parts):
        return None
    return sum(typed != meant for typed, meant in parts)


def is_slip(typed: str, meant: str) -> bool:
    """Whether they differ by one slip at most: a character left out, added or wrong, or two swapped."""
    a, b = typed, meant
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    swapped = a[:2] == b[:2][::-1] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a == b[1:] or a[1:] == b
