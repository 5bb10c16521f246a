import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import fold, has_hidden_characters, tidy_line, tidy_prose

anything = st.text(st.characters(codec=None))  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đà Lạt", "da lat"),
        ("  ĐÀ  LẠT!  ", "da lat"),
        ("đường Nguyễn-Huệ", "duong nguyen hue"),
        ("Hà Nội", "ha noi"),  # decomposed
        ("straße", "strasse"),
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
    ],
)
def test_line_is_composed_and_folded_to_single_spaces(text, tidy):
    assert tidy_line(text) == tidy


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
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


SEEN = [
    "Nguyễn Thị Ánh",
    "Ha\u0300 No\u0323\u0302i",
    "日本語",
    "Ünï",
    "O'Neill-Smith",
    "🎵",
    "a\u0301\u0323",
    "हिन्दी",
    "",
]
HIDDEN = {
    "NUL": "a\0b",
    "bell": "a\ab",
    "delete": "a\x7fb",
    "C1 control": "a\x85b",
    "right-to-left override": "a\u202eb",
    "right-to-left mark": "a\u200fb",
    "isolate": "a\u2066b",
    "Arabic letter mark": "a\u061cb",
    "lone surrogate": "a\ud800b",
    "private character": "a\ue000b",
    "noncharacter": "a\ufffeb",
    "three marks on a letter": "a\u0316\u0317\u0318",
    "stack of marks": "Z" + "\u0300" * 40,
}
HIDDEN_IN_A_LINE = {
    "line feed": "a\nb",
    "carriage return": "a\rb",
    "tab": "a\tb",
    "zero-width space": "a\u200bb",
    "zero-width joiner": "a\u200db",
    "soft hyphen": "a\u00adb",
    "word joiner": "a\u2060b",
    "byte order mark": "\ufeffa",
    "tag": "a\U000e0041b",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
}


@pytest.mark.parametrize("prose", [False, True])
@pytest.mark.parametrize("text", SEEN)
def test_ordinary_text_hides_nothing(text, prose):
    assert has_hidden_characters(text, prose=prose) is False


@pytest.mark.parametrize("prose", [False, True])
@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_hidden_characters_are_found_anywhere(text, prose):
    assert has_hidden_characters(text, prose=prose) is True


@pytest.mark.parametrize("text", HIDDEN_IN_A_LINE.values(), ids=HIDDEN_IN_A_LINE)
def test_some_characters_hide_in_a_line_only(text):
    assert (has_hidden_characters(text), has_hidden_characters(text, prose=True)) == (True, False)


def test_joined_emoji_may_stand_in_prose():
    assert has_hidden_characters("👩\u200d🎤 hát", prose=True) is False
