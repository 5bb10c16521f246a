"""Form fields that tidy and validate text from visitors."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.email_address import LONGEST, EmailRefused, parse_email, tidy_email
from core.email_typos import likely_meant
from core.text import (
    count_characters,
    drop_pasted,
    has_hidden_characters,
    has_stacked_marks,
    tidy_line,
    tidy_prose,
)


class MaxCharactersValidator(MaxLengthValidator):
    """Counts what people see: an emoji is one character, however many code points it has."""

    def clean(self, x: Any) -> int:
        return count_characters(x)


class TextField(forms.CharField):
    """Text as people type and paste it. Drops the invisible characters that pasting brings along; refuses others."""

    MOST_CODE_POINTS = 8  # per visible character; 👨‍👩‍👧‍👦 has seven

    prose = False

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        if self.max_length and len(value) > self.MOST_CODE_POINTS * self.max_length:  # endless text would take long
            params = {"limit_value": self.max_length, "show_value": len(value)}
            raise ValidationError(MaxLengthValidator.message, code="max_length", params=params)
        text = drop_pasted(value, prose=self.prose)
        refuse_hidden(text, prose=self.prose)
        return tidy_prose(text) if self.prose else tidy_line(text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Lets browsers take twice the limit: they count UTF-16 and cut silently; the form keeps all and says so."""
        attrs = super().widget_attrs(widget)
        if "maxlength" in attrs:
            attrs["maxlength"] = str(2 * int(attrs["maxlength"]))
        return attrs


class LineField(TextField):
    """A single line of text; its `max_length` counts code points, as columns do."""


class ProseField(TextField):
    """Text of several paragraphs. Its `max_length` counts what people see; `column_length` is what the column holds."""

    widget = forms.Textarea
    prose = True

    def __init__(self, *, column_length: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [
            MaxCharactersValidator(validator.limit_value) if isinstance(validator, MaxLengthValidator) else validator
            for validator in self.validators
        ]
        if column_length:
            self.validators.append(MaxLengthValidator(column_length))


class TypedEmail(str):
    """What somebody typed; `is_meant` if they were asked whether they meant another address, and kept to it."""

    is_meant = False


class EmailInput(forms.EmailInput):
    """Offers the address that was likely meant beside one that looks mistyped, to be taken or declined with one press.

    Both answers are submit buttons, so that nothing else in the form is lost. Posted beside the field: `<name>_asked`,
    the address that was asked about, and `<name>_taken`, the same address if the other one was taken. An answer counts
    only while the field still holds that address.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        typing = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__({**typing, **(attrs or {})})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        if not typed:
            return typed
        email = tidy_email(typed)
        if tidy_email(data.get(f"{name}_taken", "")) == email:
            typed = likely_meant(email) or typed
        value = TypedEmail(typed)
        value.is_meant = tidy_email(data.get(f"{name}_asked", "")) == email
        return value

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        meant = likely_meant(value) if value else None
        if not meant:
            return field
        context = {"name": name, "typed": tidy_email(value), "meant": meant, "is_open": not is_answered(value)}
        return field + render_to_string("fields/email_question.html", {**context, "can_be_kept": can_be_kept(value)})


def is_answered(value: str) -> bool:
    return getattr(value, "is_meant", False) and can_be_kept(value)


def can_be_kept(value: str) -> bool:
    try:
        parse_email(value)
    except EmailRefused:
        return False
    return True


class EmailField(forms.EmailField):
    """An e-mail address in its canonical form. Asks once about one that looks mistyped, unless its widget can't."""

    default_validators = []  # parse_email knows more, and says why
    widget = EmailInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Drops `maxlength`: what is pasted along with an address takes room."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return ""
        refuse_hidden(tidy_email(text))
        try:
            return parse_email(text)
        except EmailRefused as refused:
            raise ValidationError(str(refused.message), code="invalid") from refused

    def clean(self, value: Any) -> str:
        email = super().clean(value)
        unasked = isinstance(value, TypedEmail) and not value.is_meant
        if unasked and (meant := likely_meant(email)):
            raise ValidationError(_("Did you mean %(email)s?"), code="mistyped", params={"email": meant})
        return email


def refuse_hidden(text: str, *, prose: bool = False) -> None:
    """Raises ValidationError if `text` has hidden characters: see core.text.has_hidden_characters."""
    if has_stacked_marks(text):
        raise ValidationError(
            _("This has more marks on one letter than any language needs. Please leave some out."), code="hidden"
        )
    if has_hidden_characters(text, prose=prose):
        raise ValidationError(
            _("This contains invisible characters. Please type it in instead of pasting it."), code="hidden"
        )
