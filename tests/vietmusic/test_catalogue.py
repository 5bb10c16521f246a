"""The Vietnamese catalogue: complete, unbroken, and spelt in one way.

That it holds just the messages of the sources is what `make translations` checks, with gettext's own tools.
"""

import re
import unicodedata
from collections import Counter

import polib
import pytest
from django.conf import settings

CATALOGUES = [polib.pofile(str(file)) for file in settings.BASE_DIR.glob("locale/vi/LC_MESSAGES/*.po")]
ENTRIES = [entry for catalogue in CATALOGUES for entry in catalogue if not entry.obsolete]

# What is written alike in both languages.
SAME = {"%(first)s: %(people)s", "%(after)s instead of %(before)s", "Cookie", "Global Privacy Control", "Vietmusic"}

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!%)%[sd]|(?<!\{)\{\w*\}(?!\})|\[\[%\(\w+\)s\]\]")
TAG = re.compile(r"</?[a-z][^>]*>")
# Tone marks stand on the first vowel of oa, oe and uy where nothing follows it: hóa, khỏe, thủy. Not after q: quý.
NEW_STYLE = re.compile(r"(?i)\w*(?<!q)(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])\b")
ENDS = re.compile(r"[.:?!…]$")


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def sources(entry):
    return [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]


def bad(is_bad):
    """The entries of which a translation is bad, by their English."""
    return [entry.msgid for entry in ENTRIES for text in translations(entry) if is_bad(entry, text)]


def parts(pattern, text):
    return Counter(pattern.findall(text))


def test_vietnamese_has_one_form_for_all_numbers():
    assert {catalogue.metadata["Plural-Forms"] for catalogue in CATALOGUES} == {"nplurals=1; plural=0;"}
    assert [entry.msgid for entry in ENTRIES if entry.msgid_plural and list(entry.msgstr_plural) != [0]] == []


def test_each_message_is_translated_for_certain():
    assert len(ENTRIES) > 1000
    assert [entry.msgid for entry in ENTRIES if entry.fuzzy or "fuzzy" in entry.flags] == []
    assert bad(lambda _entry, text: not text.strip()) == []


def test_no_message_is_left_over():
    assert [entry.msgid for catalogue in CATALOGUES for entry in catalogue.obsolete_entries()] == []


def test_no_message_stays_english():
    assert bad(lambda entry, text: text in sources(entry) and entry.msgid not in SAME) == []


def test_placeholders_are_those_of_the_source():
    # The singular may say its number in a word; the one form of Vietnamese needs all of the plural's.
    assert bad(lambda entry, text: parts(PLACEHOLDER, text) != parts(PLACEHOLDER, sources(entry)[-1])) == []


def test_markup_is_that_of_the_source():
    assert bad(lambda entry, text: parts(TAG, text) != parts(TAG, entry.msgid)) == []


def test_ends_are_those_of_the_source():
    def differs(entry, text):
        return [edges(part) for part in sources(entry)[:1]] != [edges(text)]

    assert bad(differs) == []


def edges(text):
    """White space before, white space after, and the mark at the end."""
    head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return head, tail, ENDS.findall(text.rstrip())


def test_small_letters_begin_what_begins_so_in_the_source():
    def differs(entry, text):
        is_said_after_a_greeting = all(path.startswith("templates/mail/") for path, _line in entry.occurrences)
        is_name_of_a_language = text == "Tiếng khác"
        is_bigger = entry.msgid[:1].islower() and text[:1].isupper()
        return is_bigger and not is_said_after_a_greeting and not is_name_of_a_language

    assert bad(differs) == []


def test_texts_are_composed():
    assert bad(lambda _entry, text: text != unicodedata.normalize("NFC", text)) == []


def test_tone_marks_stand_where_they_always_stood():
    entries = [entry for entry in ENTRIES if not NEW_STYLE.search(entry.msgid)]  # which is about the two styles
    found = [word for entry in entries for text in translations(entry) for word in NEW_STYLE.findall(text)]

    assert found == []


@pytest.mark.parametrize("word", ["hoá", "xoá", "khoá", "tuỳ", "huỷ", "khoẻ", "Hoà", "thuỷ", "HOÀ"])
def test_new_style_of_tone_marks_is_noticed(word):
    assert NEW_STYLE.findall(f"Đã {word} rồi") == [word]


@pytest.mark.parametrize(
    "word", ["hóa", "khỏe", "quý", "quỹ", "hoàn", "toán", "huỳnh", "khuỷu", "tùy", "thủy", "ngoài"]
)
def test_old_style_of_tone_marks_is_fine(word):
    assert NEW_STYLE.findall(f"Đã {word} rồi") == []


def test_dashes_and_quotation_marks_are_of_one_kind():
    assert bad(lambda entry, text: set("\"'«»„") & (set(text) - set(entry.msgid))) == []
    assert bad(lambda _entry, text: " - " in text or ".." in text or "  " in text) == []
