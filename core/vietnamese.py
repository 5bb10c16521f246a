"""Vietnamese spelling: one key for words that are spelled in two ways, and the order of the alphabet."""

import unicodedata
from functools import lru_cache
from typing import Final

import regex

TONES: Final = (
    "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng, as dictionaries order them; ngang has none
)
ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"  # with f, j, w and z where they stand in other alphabets
RANKS: Final = {letter: chr(ord("a") + rank) for rank, letter in enumerate(ALPHABET)}

TONED: Final = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in ("", *TONES))
WORD_BEGINS, WORD_ENDS = r"(?<![\p{L}\p{M}])", r"(?![\p{L}\p{M}])"
BORROWED_D: Final = regex.compile(
    rf"{WORD_BEGINS}[ÐðƉ](?=[{TONED}]{{1,3}}(?:c|ch|k|m|n|ng|nh|p|t)?{WORD_ENDS})", regex.IGNORECASE
)

ONSET = r"(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|n|ngh?|nh|ph?|r|s|th?|tr|v|x)?"  # without qu: quý has one form only
OLD_STYLE: Final = regex.compile(  # of decomposed text in lower case
    rf"{WORD_BEGINS}({ONSET}(?:o(?=[{TONES}][ae])|u(?=[{TONES}]y)))([{TONES}])([aey]\u0306?)"
    rf"(?=(?:c|ch|i|m|n|ng|nh|o|p|t|u|y)?{WORD_ENDS})"
)
CHARACTER: Final = regex.compile(r"(\P{M})(\p{M}*)")


def mend_d(text: str) -> str:
    """Returns `text` in NFC with Đ where Ð (of Icelandic) or Ɖ (of Ewe) begins a Vietnamese syllable.

    Old fonts and keyboards produced them: the capitals look alike, the small letters don't.
    """
    return BORROWED_D.sub(lambda match: "đ" if match[0] == "ð" else "Đ", text)


def spelling(text: str) -> str:
    """Returns a key that is equal for texts that differ in case or in the style of tone marks: `Hòa`, `hoà`."""
    decomposed = unicodedata.normalize("NFD", mend_d(unicodedata.normalize("NFC", text)).lower())
    return unicodedata.normalize("NFC", OLD_STYLE.sub(r"\1\3\2", decomposed))


@lru_cache(maxsize=4096)  # the same labels are sorted for each page
def sort_key(text: str) -> tuple[str, str]:
    """Returns a key that sorts texts as Vietnamese dictionaries do: by letters, then by tones."""
    letters, tones = [], []
    for base, marks in CHARACTER.findall(unicodedata.normalize("NFD", spelling(text))):
        shape = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in TONES))
        letters.append(RANKS.get(shape) or RANKS.get(base) or (base if base.isalnum() else " "))
        tones.append(next((str(TONES.index(mark) + 1) for mark in marks if mark in TONES), "0"))
    return " ".join("".join(letters).split()), "".join(tones)
