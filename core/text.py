"""Text from visitors: tidied for storage, folded for search.

Accents distinguish Vietnamese words (`hát` means to sing, `hạt` a seed), so stored text keeps them; only search keys
are folded.
"""

import re
import unicodedata

BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MOST_COMBINING_MARKS = 2  # per letter, after NFC; Vietnamese needs none, Indic scripts rarely more than two


def tidy_line(text: str) -> str:
    """Returns `text` in NFC on one line, with runs of white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def tidy_prose(text: str) -> str:
    """Returns `text` in NFC with `\\n` as line ending and at most one empty line in a row."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def has_hidden_characters(text: str, *, prose: bool = False) -> bool:
    """Returns whether `text` has invisible characters.

    These are control characters, bidirectional marks, lone surrogates, private-use characters and noncharacters, and
    stacks of combining marks. Zero-width characters count in a single line but not in prose, since they join emoji.
    """
    for character in text:
        category = unicodedata.category(character)
        # Unassigned code points are allowed: they may be emoji newer than this Python's Unicode tables.
        if character in BIDI_CONTROLS or category in {"Cs", "Co"} or is_noncharacter(character):
            return True
        if category == "Cc" and not (prose and character in "\n\r\t"):
            return True
        if category in {"Cf", "Zl", "Zp"} and not prose:
            return True
    return has_stacked_marks(text)


def is_noncharacter(character: str) -> bool:
    """Returns whether Unicode guarantees that the code point will never be a character (chapter 23.7)."""
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def has_stacked_marks(text: str) -> bool:
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        marks = marks + 1 if unicodedata.category(character) == "Mn" else 0
        if marks > MOST_COMBINING_MARKS:
            return True
    return False


def fold(text: str) -> str:
    """Returns `text` without accents, case and punctuation: `Đà  Lạt!` becomes `da lat`."""
    # Normalised twice: symbols such as ℡ decompose into capital letters, so they need NFKD before case folding.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("đ", "d")
    letters = (c for c in decomposed if unicodedata.category(c) != "Mn")
    return " ".join(re.sub(r"[\W_]+", " ", "".join(letters)).split())
