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


@pytest.mark.parametrize("text", [*HIDDEN, "a\nb", "a\u200bb"])
def test_line_with_hidden_characters_is_refused(text):
    assert codes(LineField(), text) == ["hidden"]


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
