"""What strangers write: tidied for keeping, folded for finding.

Vietnamese tells words apart by their accents (`hát` sings, `hat` is a seed), so what is kept keeps them all; only what
is searched is folded.
"""

import re
import unicodedata

BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MOST_COMBINING_MARKS = 2  # on one letter, after NFC; Vietnamese needs none, Indic scripts seldom more than two


def tidy_line(text: str) -> str:
    """`text` in NFC on one line, white space folded."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def tidy_prose(text: str) -> str:
    """`text` in NFC with plain line ends, and never more than one empty line in a row."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def has_hidden_characters(text: str, *, prose: bool = False) -> bool:
    """Whether `text` holds what is not seen: controls, bidirectional marks, lone surrogates, private characters.

    In a single line zero-width characters count too; in prose they may stand, since emoji are joined by them.
    """
    for character in text:
        category = unicodedata.category(character)
        # What this Python calls unassigned may be an emoji of last year; only noncharacters are never text.
        if character in BIDI_CONTROLS or category in {"Cs", "Co"} or is_noncharacter(character):
            return True
        if category == "Cc" and not (prose and character in "\n\r\t"):
            return True
        if category in {"Cf", "Zl", "Zp"} and not prose:
            return True
    return has_stacked_marks(text)


def is_noncharacter(character: str) -> bool:
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
    """`text` without accents, case and punctuation, for searching: `Đà  Lạt!` becomes `da lat`."""
    # Signs such as ℡ only become letters, and great ones, when they are taken apart.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("đ", "d")
    letters = (c for c in decomposed if unicodedata.category(c) != "Mn")
    return " ".join(re.sub(r"[\W_]+", " ", "".join(letters)).split())
