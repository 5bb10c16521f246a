import pytest
from django.core.exceptions import ValidationError

from core.fields import EmailField, LineField, ProseField

HIDDEN = ["a\u202eb", "a\ud800b", "a\x07b", "Z" + "\u0300" * 40]


def codes(field, text):
    with pytest.raises(ValidationError) as caught:
        field.clean(text)
    return [error.code for error in caught.value.error_list]


def test_line_is_tidied():
    assert LineField().clean("  Nguye\u0302\u0303n   A\u0301nh ") == "Nguyễn Ánh"


def test_prose_is_tidied():
    assert ProseField().clean(" A\u0301nh\r\n\r\n\r\n\r\nhát ") == "Ánh\n\nhát"


@pytest.mark.parametrize("text", [*HIDDEN, "a\nb"])
def test_line_with_hidden_characters_is_refused(text):
    assert codes(LineField(), text) == ["hidden"]


def test_what_pasting_brings_along_is_dropped():
    pasted = "\ufeff\u2068 Ánh\u200b\tB\u00adình \u2069"
    assert (LineField().clean(pasted), ProseField().clean(f"{pasted}\v👩\u200d🎤")) == (
        "Ánh Bình",
        "Ánh\tBình \n👩\u200d🎤",
    )


@pytest.mark.parametrize("field", [LineField, ProseField])
@pytest.mark.parametrize("text", ["\u200b", "\ufeff \u2060", "\u3164"])
def test_required_text_of_invisible_characters_is_refused(field, text):
    assert codes(field(), text) == ["required"]


def test_prose_counts_what_people_see_and_a_line_what_a_column_holds():
    assert ProseField(max_length=3).clean("👨\u200d👩\u200d👧\u200d👦" * 3) == "👨\u200d👩\u200d👧\u200d👦" * 3
    assert codes(ProseField(max_length=3), "abcd") == ["max_length"]
    assert codes(ProseField(max_length=3, column_length=3), "👨\u200d👩\u200d👧\u200d👦") == ["max_length"]
    assert codes(LineField(max_length=3), "👨\u200d👩\u200d👧\u200d👦") == ["max_length"]
    assert LineField(max_length=3).clean("\u200be\u0302\u0301" * 3) == "ếếế"


@pytest.mark.parametrize("field", [LineField, ProseField])
def test_endless_text_is_refused_at_once(field):
    assert codes(field(max_length=100), "\u200d" * 2_000_000) == ["max_length"]


@pytest.mark.parametrize("text", HIDDEN)
def test_prose_with_hidden_characters_is_refused(text):
    assert codes(ProseField(), text) == ["hidden"]


@pytest.mark.parametrize("field", [LineField, ProseField])
@pytest.mark.parametrize("text", ["", "   ", "\u00a0\u3000"])
def test_required_text_that_is_blank_is_refused(field, text):
    assert codes(field(), text) == ["required"]


@pytest.mark.parametrize("field", [LineField, ProseField, EmailField])
def test_optional_text_may_be_left_out(field):
    assert field(required=False).clean("") == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anh@example.com", "anh@example.com"),
        ("  anh@example.com ", "anh@example.com"),
        ("Anh@EXAMPLE.Com", "Anh@example.com"),
        ("anh+pageant@example.com", "anh+pageant@example.com"),
    ],
)
def test_address_keeps_its_name_and_lowers_its_domain(typed, kept):
    assert EmailField().clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "anh",
        "anh@",
        "@example.com",
        "anh@example",
        "a b@example.com",
        "anh@example.com, binh@example.com",
        "Anh <a@b.example>",
        '"anh,binh"@example.com',  # the queue splits at commas
    ],
)
def test_address_that_is_none_is_refused(typed):
    assert codes(EmailField(), typed) == ["invalid"]


@pytest.mark.parametrize(
    "typed",
    [
        "anh\u202e@example.com",
        "anh@exam\u200bple.com",
        "anh@example.com\nBcc: b@example.com",
        "anh@example.com\r\n\r\nhi",
        "a\0@b.example",
    ],
)
def test_address_with_hidden_characters_is_refused(typed):
    assert codes(EmailField(), typed) == ["hidden"]
