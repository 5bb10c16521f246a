"""Compares the wording of two policies, side by side."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it.token import Token

from privacy.policy.document import PLACE, blocks, take_anchor

ALIKE = 0.5  # below this ratio, two paragraphs don't count as one that was changed

match = partial(SequenceMatcher, None, autojunk=False)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, heading or item of a list, as plain text."""

    tag: str
    text: str

    @property
    def is_heading(self) -> bool:
        return self.tag in {"h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Same:
    """A run of paragraphs that stayed the same."""

    paragraphs: list[Paragraph]


@dataclass(frozen=True)
class Changed:
    """A paragraph before and after; empty where there was or is none."""

    before: SafeString
    after: SafeString
    is_heading: bool


def between(old: str, new: str) -> list[Same | Changed]:
    """All paragraphs in their order; none if no word differs."""
    before, after = list(paragraphs(old)), list(paragraphs(new))
    rows: list[Same | Changed] = []
    for way, old_start, old_end, new_start, new_end in match(before, after).get_opcodes():
        if way == "equal":
            rows.append(Same(after[new_start:new_end]))
        else:
            rows.extend(pairs(before[old_start:old_end], after[new_start:new_end]))
    return rows if any(isinstance(row, Changed) for row in rows) else []


def paragraphs(text: str) -> Iterator[Paragraph]:
    for block in blocks(text):
        if block[0].type == "heading_open":
            take_anchor(block)
        tag = block[0].tag
        for token in block:
            tag = token.tag if token.nesting == 1 and token.type != "paragraph_open" else tag
            if token.type == "inline":
                yield Paragraph(tag, plain(token))
            elif token.type in {"fence", "code_block"}:
                yield Paragraph("pre", token.content.strip())


def plain(inline: Token) -> str:
    """The text, with the URLs of its links."""
    if place := PLACE.fullmatch(inline.content.strip()):
        return _("(what is generated here: %(place)s)") % {"place": place[1]}
    words: list[str] = []
    url = ""
    for token in inline.children or []:
        if token.type == "link_open":
            url = str(token.attrGet("href"))
        elif token.type == "link_close":
            words.append(f" ({url})" if words and words[-1] != url else "")
        else:
            words.append(" " if token.type in {"softbreak", "hardbreak"} else token.content)
    return "".join(words)


def pairs(before: list[Paragraph], after: list[Paragraph]) -> Iterator[Changed]:
    """Pairs the two paragraphs that are most alike, and so on above and below them."""
    alike = [
        (match(old.text, new.text).ratio(), left, right)
        for left, old in enumerate(before)
        for right, new in enumerate(after)
    ]
    ratio, left, right = max(alike, default=(0, 0, 0))
    if ratio < ALIKE:
        yield from (Changed(removed(old.text), SafeString(), old.is_heading) for old in before)
        yield from (Changed(SafeString(), added(new.text), new.is_heading) for new in after)
        return
    yield from pairs(before[:left], after[:right])
    yield Changed(*words(before[left].text, after[right].text), after[right].is_heading)
    yield from pairs(before[left + 1 :], after[right + 1 :])


def words(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts as HTML, with what was removed from the old and added to the new one marked."""
    before, after = re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new)
    left, right = [], []
    for way, old_start, old_end, new_start, new_end in match(before, after).get_opcodes():
        gone, come = "".join(before[old_start:old_end]), "".join(after[new_start:new_end])
        left.append(escape(gone) if way == "equal" else removed(gone))
        right.append(escape(come) if way == "equal" else added(come))
    return mark_safe("".join(left)), mark_safe("".join(right))  # noqa: S308  each piece is escaped


# Screen readers announce neither <del> nor <ins> by themselves.


def removed(text: str) -> SafeString:
    if not text:
        return SafeString()
    return format_html('<del><span class="visually-hidden">{} </span>{}</del>', _("[removed:]"), text)


def added(text: str) -> SafeString:
    if not text:
        return SafeString()
    return format_html('<ins><span class="visually-hidden">{} </span>{}</ins>', _("[added:]"), text)
