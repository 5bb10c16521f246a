"""Text from visitors: tidied for storage, folded for search.

Accents distinguish Vietnamese words (`hát` means to sing, `hạt` a seed), so stored text keeps them; only search keys
are folded.
"""

import re
import unicodedata
from typing import Final

import regex

from core.vietnamese import mend_d

PICTURE = r"\p{Extended_Pictographic}"
# Scripts whose words may hold U+200C (letters stay apart) or U+200D (they join)
JOINING_SCRIPTS = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        "Arab", "Beng", "Deva", "Gujr", "Guru", "Khmr", "Knda", "Mand", "Mlym", "Mong", "Mymr", "Nkoo", "Orya", "Sinh",
        "Syrc", "Taml", "Telu", "Tibt",
    )
)  # fmt: skip
# Emoji: variation selectors (2764 FE0F), keycaps, joined ones with or without a skin tone, flags of regions. Then
# joiners in words, and variants of characters.
MEANINGFUL = rf"""
    (?<={PICTURE}) [\uFE0E\uFE0F]
    | (?<=[0-9\#*]) \uFE0F (?=\u20E3)
    | (?<={PICTURE} [\uFE0E\uFE0F]? \p{{Emoji_Modifier}}?) \u200D (?={PICTURE})
    | (?<=\U0001F3F4) [\U000E0030-\U000E0039\U000E0061-\U000E007A]{{3,6}} \U000E007F
    | (?<=[{JOINING_SCRIPTS}]) (?: \u200C (?=[{JOINING_SCRIPTS}]) | \u200D )
    | (?<=\p{{sc=Han}}) [\uFE00-\uFE02\U000E0100-\U000E01EF]
    | (?<=\p{{sc=Mong}}) [\u180B-\u180F]
    | (?<=[\p{{sc=Mymr}}\p{{sc=Phag}}]) \uFE00
"""
BIDI_BRACKETS: Final = "\u202a\u202b\u202c\u2066\u2067\u2068\u2069"  # embeddings and isolates, and their ends
BIDI_OVERRIDES: Final = "\u202d\u202e"
IGNORABLE = rf"[[\p{{Default_Ignorable_Code_Point}}\uFFF9-\uFFFB]--[{BIDI_BRACKETS}{BIDI_OVERRIDES}]]"
INVISIBLE: Final = regex.compile(rf"(?={IGNORABLE}) (?: ({MEANINGFUL}) | .)", regex.VERBOSE | regex.VERSION1)
# Unassigned code points are not among them: they may be emoji newer than the tables.
UNWANTED: Final = regex.compile(
    rf"[{BIDI_BRACKETS}{BIDI_OVERRIDES}\p{{Cs}}\p{{Co}}\p{{Noncharacter_Code_Point}}]|[\p{{Cc}}--[\t\n\r]]",
    regex.VERSION1,
)
LINE_ENDS: Final = regex.compile(r"\r\n|[\r\v\f\u2028\u2029]")  # the last four come from slides, PDFs and scripts
PARTING: Final = regex.compile(r"\p{Default_Ignorable_Code_Point}")
STACKED_MARKS: Final = regex.compile(
    # Marks of all scripts: Vietnamese needs none after NFC, other languages two. Marks of one script: Tibetan needs
    # three, Burmese five.
    r"[[\p{Mn}\p{Me}]&&\p{sc=Zinh}]{3}|[\p{Mn}\p{Me}]{6}|([\p{Mn}\p{Me}])\1\1",
    regex.VERSION1,
)
CHARACTER: Final = regex.compile(r"\X")


def tidy_line(text: str) -> str:
    """Returns `text` in NFC on one line, with runs of white space collapsed and Đ for its lookalikes."""
    return mend_d(" ".join(unicodedata.normalize("NFC", text).split()))


def tidy_prose(text: str) -> str:
    """Returns `text` in NFC with `\\n` as line ending and at most one empty line in a row, and Đ for its lookalikes."""
    text = LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))
    return mend_d(re.sub(r"\n{3,}", "\n\n", text).strip())


def drop_pasted(text: str, *, prose: bool = False) -> str:
    """Returns `text` without the invisible characters that come along with pasted text and mean nothing in it.

    Those that emoji and some scripts need stay: see MEANINGFUL. Brackets of bidirectional text go where they enclose
    a line; inside they stay, to be refused. In a line, tabs and the like become spaces.
    """
    text = INVISIBLE.sub(lambda match: match[1] or "", text)
    text = LINE_ENDS.sub("\n", text) if prose else re.sub("[\t\v\f\u2028\u2029]", " ", text)
    return "\n".join(line.strip(BIDI_BRACKETS) for line in text.split("\n"))


def has_hidden_characters(text: str, *, prose: bool = False) -> bool:
    """Returns whether `text` has characters that readers cannot see for what they are.

    These are whatever drop_pasted would change, control characters, bidirectional marks, lone surrogates, private-use
    characters and noncharacters, and stacks of combining marks.
    """
    if prose:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    elif "\n" in text or "\r" in text:
        return True
    return drop_pasted(text, prose=prose) != text or UNWANTED.search(text) is not None or has_stacked_marks(text)


def has_stacked_marks(text: str) -> bool:
    visible = PARTING.sub("", text)  # which would part the marks
    return STACKED_MARKS.search(unicodedata.normalize("NFC", visible)) is not None


def drop_hidden(text: str) -> str:
    """Returns `text` without its hidden characters; nothing where marks are stacked."""
    text = UNWANTED.sub("", drop_pasted(text, prose=True))
    return "" if has_stacked_marks(text) else text


def count_characters(text: str) -> int:
    """Returns how many characters people see: 👩🏽‍🎤 is one."""
    return len(CHARACTER.findall(text))


def shorten(text: str, most: int) -> str:
    """Returns as much of `text` as fits into `most` code points without cutting a visible character."""
    if len(text) <= most:
        return text
    end = 0
    for match in CHARACTER.finditer(text):
        if match.end() > most:
            break
        end = match.end()
    return text[:end].rstrip()


D = str.maketrans("đðɖ", "ddd")  # Ð and Ɖ are often meant for Đ


def fold(text: str) -> str:
    """Returns `text` without accents, case and punctuation: `Đà  Lạt!` becomes `da lat`."""
    # Normalised twice: symbols such as ℡ decompose into capital letters, so they need NFKD before case folding.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(D)
    letters = (c for c in decomposed if unicodedata.category(c) != "Mn")
    return " ".join(re.sub(r"[\W_]+", " ", "".join(letters)).split())
