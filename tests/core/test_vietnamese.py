import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import fold
from core.vietnamese import TONES, mend_d, sort_key, spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ðà Lạt", "Đà Lạt"),
        ("ÐÀ NẴNG", "ĐÀ NẴNG"),
        ("ðàn tranh", "đàn tranh"),
        ("Ɖắk Lắk", "Đắk Lắk"),
        ("xe-ðạp, Ðường Ðiện", "xe-đạp, Đường Điện"),
        ("Guðrún Ósk", "Guðrún Ósk"),
        ("Eyðfinn við Ána", "Eyðfinn við Ána"),
        ("Ðurðevac", "Ðurðevac"),
        ("Ɖekawɔwɔ", "Ɖekawɔwɔ"),
    ],
)
def test_d_with_a_stroke_is_mended_in_vietnamese_words_only(typed, meant):
    assert mend_d(typed) == meant


@pytest.mark.parametrize("tone", ["", *TONES])
@pytest.mark.parametrize("syllable", ["hoa", "khoe", "thuy", "toan", "ngoai", "huynh", "loet"])
def test_both_styles_of_tone_marks_are_one_spelling(syllable, tone):
    first = next(index for index, letter in enumerate(syllable) if letter in "ou") + 1
    old, new = (syllable[:index] + tone + syllable[index:] for index in (first, first + 1))

    assert spelling(old.upper()) == spelling(f"{new}") == spelling(spelling(old))
    assert fold(old) == fold(new) == syllable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà", "hoá"),
        ("hoa", "hoà"),
        ("qúy", "quý"),
        ("rió", "río"),
        ("publicó", "público"),
        ("hát", "hạt"),
        ("d", "đ"),
    ],
)
def test_other_words_keep_spellings_of_their_own(one, other):
    assert spelling(one) != spelling(other)


def test_dictionaries_go_by_letters_and_then_by_tones():
    in_order = [
        "2 tay", "an", "ăn", "ân", "ba", "ca", "da", "da lat", "đa", "Đà", "đả", "đã", "Đá", "đạ", "đá bóng", "e", "ê",
        "Hoa", "hòa", "hoá", "hoà bình", "ma", "mà", "mả", "mã", "má", "mạ", "o", "ô", "ơ", "u", "ư", "y", "z", "日本",
    ]  # fmt: skip
    shuffled = in_order[::-1]
    assert sorted(shuffled, key=sort_key) == in_order


@given(st.text(st.characters(codec=None)))
def test_any_text_has_a_spelling_and_a_place(text):
    assert spelling(spelling(text)) == spelling(text)
    sort_key(text)
