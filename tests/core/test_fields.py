import pytest
from django import forms
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


@pytest.mark.parametrize("typed", ["anh\u202e@example.com", "anh@example.com\nBcc: b@example.com", "a\0@b.example"])
def test_email_that_reads_otherwise_than_it_is_is_refused(typed):
    assert codes(EmailField(), typed) == ["hidden"]


@pytest.mark.parametrize(
    "typed", ["anh", "anh@[192.0.2.1]", "anh@example.com, binh@example.com", "a" * 65 + "@b.example"]
)
def test_email_that_is_none_is_refused(typed):
    assert codes(EmailField(), typed) == ["invalid"]


# An address that looks mistyped


class EmailForm(forms.Form):
    email = EmailField()


def after(**posted):
    """What the form says once that is posted: its errors, what it takes, and the names of the buttons in it."""
    form = EmailForm(posted)
    errors = [error.code for error in form.errors.as_data().get("email", [])]
    html = str(form["email"])
    asks = "email_taken" in html, "No, keep" in html
    return errors, form.cleaned_data.get("email"), asks, form["email"].value()


MISTYPED, MEANT = "Lan@gmail.con", "Lan@gmail.com"


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        # asked
        ({}, (["mistyped"], None, (True, True), MISTYPED)),
        ({"email": f"Lan <{MISTYPED}>"}, (["mistyped"], None, (True, True), f"Lan <{MISTYPED}>")),
        # answered, with the button or in any other way
        ({"email_asked": MISTYPED, "email_taken": MISTYPED}, ([], MEANT, (False, False), MEANT)),
        ({"email_asked": MISTYPED}, ([], MISTYPED, (False, False), MISTYPED)),
        ({"email": f"{MISTYPED} ", "email_asked": MISTYPED}, ([], MISTYPED, (False, False), f"{MISTYPED} ")),
        ({"email": MEANT, "email_asked": MISTYPED}, ([], MEANT, (False, False), MEANT)),
        # about an address that isn't there any more: what is typed counts
        ({"email": "mai@gmail.com", "email_taken": MISTYPED}, ([], "mai@gmail.com", (False, False), "mai@gmail.com")),
        (
            {"email": "mai@yaho.com", "email_asked": MISTYPED, "email_taken": MISTYPED},
            (["mistyped"], None, (True, True), "mai@yaho.com"),
        ),
        # nobody can make it take what it would not have offered
        ({"email": "mai@b.vn", "email_taken": "mai@b.vn"}, ([], "mai@b.vn", (False, False), "mai@b.vn")),
        # one that can't be kept can only be corrected
        ({"email": "lân@fpt.vn"}, (["invalid"], None, (True, False), "lân@fpt.vn")),
        ({"email": "lân@fpt.vn", "email_asked": "lân@fpt.vn"}, (["invalid"], None, (True, False), "lân@fpt.vn")),
        ({"email": "lân@fpt.vn", "email_taken": "lân@fpt.vn"}, ([], "lan@fpt.vn", (False, False), "lan@fpt.vn")),
        ({"email": "lan@gmail"}, (["invalid"], None, (True, False), "lan@gmail")),
        ({"email": ""}, (["required"], None, (False, False), "")),
    ],
)  # fmt: skip
def test_form_asks_once_about_an_address_that_looks_mistyped(posted, expected):
    assert after(**{"email": MISTYPED, **posted}) == expected


def test_question_stays_answered_while_something_else_is_wrong():
    html = str(EmailForm({"email": MISTYPED, "email_asked": MISTYPED})["email"])

    assert f'name="email_asked" value="{MISTYPED}"' in html


def test_question_escapes_what_was_typed():
    html = str(EmailForm({"email": "<b>'\"&lan@gmail.con"})["email"])

    assert ("<b>" in html, "'\"&lan" in html) == (False, False)


def test_field_with_a_widget_that_cannot_ask_does_not_ask():
    assert EmailField(widget=forms.TextInput).clean(MISTYPED) == MISTYPED
