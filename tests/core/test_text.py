import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import (
    count_characters,
    drop_hidden,
    drop_pasted,
    fold,
    has_hidden_characters,
    shorten,
    tidy_line,
    tidy_prose,
)

anything = st.text(st.characters(codec=None))  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đà Lạt", "da lat"),
        ("  ĐÀ  LẠT!  ", "da lat"),
        ("đường Nguyễn-Huệ", "duong nguyen hue"),
        ("Hà Nội", "ha noi"),  # decomposed
        ("straße", "strasse"),
        ("Ðà Lạt, Ɖà Lạt, ðà lạt", "da lat da lat da lat"),
        ("hòa bình, hoà bình", "hoa binh hoa binh"),
        ("snake_case", "snake case"),
        ("ﬁnger", "finger"),
        ("!?…", ""),
        ("", ""),
    ],
)
def test_fold_leaves_no_accents_case_and_punctuation(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize("word", ["hát", "hạt", "hat", "HÁT", "ha\u0301t"])
def test_fold_finds_all_spellings_of_a_word(word):
    assert fold(word) == "hat"


@given(anything)
def test_fold_of_what_is_folded_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("Ha\u0300 No\u0323\u0302i", "Hà Nội"),
        ("  a \t b\u00a0c\u3000d \n e ", "a b c d e"),
        ("hát", "hát"),
        ("", ""),
        ("Ðà Nẵng", "Đà Nẵng"),
    ],
)
def test_line_is_composed_and_folded_to_single_spaces(text, tidy):
    assert tidy_line(text) == tidy


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("one\r\ntwo\rthree\nfour\vfive\u2028six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\r\n\r\n\r\nb", "a\n\nb"),
        ("\n\n  a  b \n", "a  b"),
        ("e\u0302\u0301", "ế"),
        ("", ""),
    ],
)
def test_prose_keeps_paragraphs_and_nothing_more(text, tidy):
    assert tidy_prose(text) == tidy


@pytest.mark.parametrize("tidy", [tidy_line, tidy_prose])
@given(text=anything)
def test_tidy_text_is_composed_and_stays_as_it_is(tidy, text):
    once = tidy(text)
    assert (unicodedata.is_normalized("NFC", once), tidy(once)) == (True, once)


SEEN = {
    "Vietnamese": "Nguyễn Thị Ánh",
    "decomposed": "Ha\u0300 No\u0323\u0302i",
    "Japanese": "日本語",
    "Japanese name with a variant": "葛\U000e0100城",
    "umlauts": "Ünï",
    "apostrophe": "O'Neill-Smith",
    "two marks": "a\u0301\u0323",
    "Hindi": "हिन्दी",
    "Hindi, letters apart": "क्\u200cष",
    "Sinhala, letters joined": "ශ්\u200dරී",
    "Malayalam, joined at the end": "അവന്\u200d",
    "Persian": "می\u200cخواهم",
    "Tibetan, three marks": "བརྒྱུད",
    "Burmese, three marks": "တို့",
    "nothing": "",
    "emoji": "🎵",
    "newer than the tables": "\U0001faff",
    "flag": "🇻🇳",
    "flag of a region": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "flag of rainbow": "🏳\ufe0f\u200d🌈",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "profession": "👩🏽\u200d🎤",
    "heart on fire": "❤\ufe0f\u200d🔥",
    "couple": "🧑🏿\u200d❤\ufe0f\u200d💋\u200d🧑🏻",
    "keycap": "1\ufe0f\u20e3",
    "telephone as text": "☎\ufe0e",
}
HIDDEN = {
    "NUL": "a\0b",
    "bell": "a\ab",
    "delete": "a\x7fb",
    "C1 control": "a\x85b",
    "left-to-right override": "\u202dab\u202c",
    "right-to-left override": "a\u202eb",
    "right-to-left override at the beginning": "\u202eab",
    "isolate": "a\u2066b",
    "lone surrogate": "a\ud800b",
    "private character": "a\ue000b",
    "noncharacter": "a\ufffeb",
    "three marks on a letter": "a\u0316\u0317\u0318",
    "stack of marks": "Z" + "\u0300" * 40,
    "stack of Thai marks": "ก" + "็" * 3,
    "stack of marks with joiners": "क" + "्\u200d" * 6,
    "stack of marks with what goes": "a" + "\u0316\u034f\u0317\u200b\u0318",
}
PASTED = {
    "zero-width space": ("a\u200bb", "ab"),
    "zero-width space before an accent": ("e\u200b\u0302", "e\u0302"),
    "joiner without anything to join": ("a\u200db\u200c", "ab"),
    "joiner after an emoji": ("🎵\u200d hát", "🎵 hát"),
    "selector without a picture": ("a\ufe0f1\ufe0f", "a1"),
    "soft hyphen": ("a\u00adb", "ab"),
    "word joiner": ("a\u2060b", "ab"),
    "byte order mark": ("\ufeffa", "a"),
    "marks of direction": ("\u200ea\u200fb\u061c", "ab"),
    "isolates around it": ("\u2068ab\u2069", "ab"),
    "embedding around it": ("\u202aab\u202c", "ab"),
    "filler that looks like nothing": ("\u3164", ""),
    "tags that hide a text": ("🎵\U000e0041\U000e0042b", "🎵b"),
    "tags on a flag without an end": ("\U0001f3f4\U000e0067\U000e0062b", "\U0001f3f4b"),
}


@pytest.mark.parametrize("prose", [False, True])
@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_ordinary_text_hides_nothing(text, prose):
    assert (has_hidden_characters(text, prose=prose), drop_pasted(text, prose=prose)) == (False, text)


@pytest.mark.parametrize("prose", [False, True])
@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_hidden_characters_are_found_anywhere(text, prose):
    assert has_hidden_characters(text, prose=prose) is True
    assert has_hidden_characters(drop_pasted(text, prose=prose), prose=prose) is True
    assert has_hidden_characters(drop_hidden(text)) is False


@pytest.mark.parametrize("prose", [False, True])
@pytest.mark.parametrize(("text", "seen"), PASTED.values(), ids=PASTED)
def test_what_pasting_brings_along_is_dropped(text, seen, prose):
    assert has_hidden_characters(text, prose=prose) is True
    assert drop_pasted(text, prose=prose) == seen
    assert has_hidden_characters(seen, prose=prose) is False


@pytest.mark.parametrize("text", ["a\nb", "a\rb"])
def test_line_ends_hide_in_a_line_only(text):
    assert (has_hidden_characters(text), has_hidden_characters(text, prose=True)) == (True, False)


@pytest.mark.parametrize("prose", [False, True])
@given(text=anything)
def test_what_is_left_hides_nothing_but_what_is_refused(text, prose):
    once = drop_pasted(text, prose=prose)
    assert drop_pasted(once, prose=prose) == once
    assert has_hidden_characters(tidy_prose(drop_hidden(text)), prose=True) is False


@pytest.mark.parametrize(
    ("text", "characters", "beginning"),
    [("Huế", 3, "Huế"), ("👨\u200d👩\u200d👧\u200d👦👍🏽b", 3, ""), ("a👍🏽b", 3, "a👍🏽b"), ("ab 👍🏽c", 5, "ab")],
)
def test_characters_are_what_people_see(text, characters, beginning):
    assert (count_characters(text), shorten(text, 4)) == (characters, beginning)
