"""E-mail addresses as people type and paste them: read as meant, or refused with the reason in words.

One mailbox has one canonical form, since people are found by its digest: the domain in lower case and in Unicode, even
where a browser sends it in ASCII (`xn--…`). Nothing here uses the network.
"""

import re
import unicodedata
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

LONGEST = 254  # characters, RFC 5321
LONGEST_TYPED = 2000  # characters; what is longer is no address with a name, and is not looked into
LONGEST_LOCAL_PART = 64  # characters before the @, RFC 5321

REFUSED = _("This does not look like an e-mail address. Please check it.")
NO_AT = _("An e-mail address must have an @, as in lan@example.com.")
SEVERAL = _("Please give one e-mail address only.")
SPACE = _("An e-mail address cannot have spaces.")
BRACKETS = _("We cannot write to numbers in brackets. After the @ there must be a domain name, such as example.com.")
NO_DOT = _("After the @ there must be a domain name with a dot in it, such as example.com.")
LONG_LOCAL_PART = _("The part before the @ is longer than 64 characters, which mail servers do not accept.")
LONG = _("This is too long: an e-mail address can have at most 254 characters.")
ACCENTS = _(
    "We cannot send mail to an address with letters such as ê or đ before the @. Please type it without accents."
)

# Invisible characters that are pasted along from chats, web pages and word processors: format characters, and those of
# other categories that Unicode lets programs ignore. The two that reverse text aren't among them, since with them
# people read another address.
OVERRIDES = frozenset("\u202d\u202e")
IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")

FULL_STOPS = str.maketrans("。｡", "..")
IN_BRACKETS = re.compile(r"[<(]([^<>()@]*@[^<>()]*)[>)]")
BEFORE = '.,;:"“”„‘’«»()<>[] '  # none of it may begin an address
AFTER = BEFORE + "!?'`*_~|/\\-–—"  # none of it may end one
PAIRS = "'`*_~|"  # may begin an address, unless they end it too
SAME_DOMAINS = {"googlemail.com": "gmail.com"}  # which deliver to the same mailboxes


class EmailRefused(Exception):
    """The text is not an e-mail address that we can write to; `message` tells the visitor why."""

    def __init__(self, message: Promise) -> None:
        super().__init__(message)
        self.message = message


def parse_email(text: str) -> str:
    """Returns the canonical form of an address. Raises EmailRefused."""
    email = tidy_email(text)
    if reason := obvious_fault(email):
        raise EmailRefused(reason)
    try:
        return validated(email).normalized
    except EmailNotValidError as error:
        raise EmailRefused(REFUSED) from error


def validated(email: str) -> ValidatedEmail:
    # Django has no SMTPUTF8: it would encode the local part, and so write to another address.
    return validate_email(email, check_deliverability=False, allow_smtputf8=False, strict=True)


def obvious_fault(email: str) -> Promise | None:
    """The most helpful reason to refuse an address, or None; email-validator finds all other faults."""
    local, at, domain = email.rpartition("@")
    faults = [
        (not at, NO_AT),
        ("@" in local, SEVERAL),
        (" " in email and '"' not in email, SPACE),
        (domain.startswith("["), BRACKETS),
        (len(local) > LONGEST_LOCAL_PART, LONG_LOCAL_PART),
        (len(email) > LONGEST, LONG),
        (not local.isascii(), ACCENTS),
        ("." not in domain, NO_DOT),
    ]
    return next((reason for holds, reason in faults if holds), None)


def tidy_email(text: str) -> str:
    """Strips what was pasted along with an address: a name, `mailto:`, punctuation, invisible characters."""
    if len(text) > LONGEST_TYPED:
        return text
    text = "".join(character for character in text if not is_invisible(character))
    text = unicodedata.normalize("NFKC", text).translate(FULL_STOPS).strip()
    text = without_name(text)
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    text = re.sub(r" ?@[ @]*", "@", re.sub(" +", " ", text))
    return without_punctuation(text)


def is_invisible(character: str) -> bool:
    if character in OVERRIDES:
        return False
    return unicodedata.category(character) == "Cf" or bool(IGNORABLE.match(character))


def without_name(text: str) -> str:
    """`Lan <lan@example.com>` and `lan@example.com (Lan)` without the name; unchanged if it holds several addresses."""
    inside = IN_BRACKETS.findall(text)
    outside = re.sub(r"[<(][^<>()]*[>)]", "", text)
    if not inside:
        return outside if "@" in outside else text
    if len(inside) == 1 and ("@" not in outside or without_punctuation(outside) == without_punctuation(inside[0])):
        return inside[0]
    return text


def without_punctuation(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in PAIRS:
        text = text[1:-1]
    literal = "@[" in text  # refused with a message of its own
    return text.lstrip(BEFORE).rstrip(AFTER.replace("]", "") if literal else AFTER)


def mailbox(email: str) -> str:
    """What an address has in common with all that mail servers usually put into the same mailbox: `lan@example.com`
    for `L.an+music@example.com`.

    Gmail ignores dots, and many a domain has its mail there. Where a server doesn't, a few people share a limit.
    """
    local, at, domain = email.strip().casefold().rpartition("@")
    name = local.partition("+")[0] or local
    return (name.replace(".", "") or name) + at + SAME_DOMAINS.get(domain, domain)


def other_spellings(email: str) -> set[str]:
    """Other spellings of an address, its domain in ASCII or not, in rows older than the canonical form."""
    domain = email.rpartition("@")[2]
    if domain.isascii() and "xn--" not in domain:
        return set()
    try:
        found = validated(email)
    except EmailNotValidError:
        return set()
    return {found.normalized.lower(), (found.ascii_email or "").lower()} - {email, ""}
