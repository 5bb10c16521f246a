"""The notices above the entry form's first input: who would receive what, why and until when.

The form carries a signed digest of the notices that were shown. If they differ by the time it is sent (changed, ended,
new, in another language), the answers don't count, and the new notices are shown first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.core.signing import BadSignature, Signer
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.canonical_json import sha256_of

if TYPE_CHECKING:  # an entry keeps what was shown, so at run time the arrow points this way only
    from pageant.models import Cosponsorship, Pageant

SALT = "pageant.notices"  # data, not a module path: never changes
SIGNER = Signer(salt=SALT)

BOX = re.compile(r"share_.*", re.DOTALL)
NO = {"", "off", "false", "0"}  # what an unticked box posts, if it posts anything


@dataclass(frozen=True)
class Notice:
    """One co-sponsor's notice, in the language that was active when it was made."""

    cosponsorship: Cosponsorship

    @property
    def name(self) -> str:
        """The name of its box."""
        return f"share_{self.cosponsorship.pk}"

    @cached_property
    def question(self) -> str:
        return _("Yes, %(sponsor)s may get these answers of mine.") % {"sponsor": self.cosponsorship.sponsor_name}

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        """Which fields, why, and until when."""
        cosponsorship = self.cosponsorship
        return [
            (_("What it would get"), ", ".join(cosponsorship.fields_in_words)),
            (_("What for"), cosponsorship.purpose),
            (_("Until when"), date_format(cosponsorship.ends_on, "DATE_FORMAT")),
        ]

    @cached_property
    def text(self) -> str:
        """All that is shown, to be kept with the answer."""
        lines = [f"{name}: {text}" for name, text in self.lines]
        sponsor = self.cosponsorship
        heading = [sponsor.sponsor_name, sponsor.sponsor_url, sponsor.policy_url]
        return "\n".join([*heading, *lines, promise(), self.question])


@dataclass(frozen=True)
class PostedAnswers:
    """What the form posts about its notices: `notices`, a signed digest of those it showed, and `share_<id>`."""

    signed: str
    boxes: Mapping[str, str]

    @classmethod
    def of(cls, posted: Mapping[str, str]) -> Self:
        return cls(posted.get("notices", ""), {name: posted[name] for name in posted if BOX.fullmatch(name)})

    def fit(self, notices: Sequence[Notice]) -> bool:
        """Whether these are the very notices that were shown, and no other box was posted."""
        return self.boxes.keys() <= {notice.name for notice in notices} and were_shown(notices, self.signed)

    def to(self, notices: Sequence[Notice]) -> list[tuple[Notice, bool]]:
        """The yes or no to each notice."""
        return [(notice, self.boxes.get(notice.name, "").lower() not in NO) for notice in notices]


def promise() -> str:
    return _(
        "Every box is off, and can stay off: your chances are the same. Those who look at the entries do not see what "
        "you answer here. You can take a yes back at any time, with one button on your own page."
    )


def notices_of(pageant: Pageant) -> list[Notice]:
    """The notices of a pageant that are to be shown now, in the active language."""
    return [Notice(cosponsorship) for cosponsorship in pageant.cosponsorships.in_force()]


def sign(notices: Sequence[Notice]) -> str:
    """A signed digest of the notices; empty if there are none."""
    return SIGNER.sign(digest_of_notices(notices)) if notices else ""


def were_shown(notices: Sequence[Notice], signed: str) -> bool:
    """Whether `signed` is what `sign` makes of these very notices."""
    if not notices:
        return not signed
    try:
        return SIGNER.unsign(signed) == digest_of_notices(notices)
    except BadSignature:
        return False


def digest_of_notices(notices: Sequence[Notice]) -> str:
    shown = [[notice.cosponsorship.pk, notice.cosponsorship.version, notice.text] for notice in notices]
    return sha256_of([get_language(), shown])
