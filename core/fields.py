"""Form fields that tidy and validate text from visitors."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from core.text import (
    count_characters,
    drop_pasted,
    has_hidden_characters,
    has_stacked_marks,
    tidy_line,
    tidy_prose,
)

EMAIL_REFUSED = _("This does not look like an e-mail address. Please check it.")
UNSAFE_IN_EMAIL = frozenset('",;<>\\ \t')


class MaxCharactersValidator(MaxLengthValidator):
    """Counts what people see: an emoji is one character, however many code points it has."""

    def clean(self, x: Any) -> int:
        return count_characters(x)


class TextField(forms.CharField):
    """Text as people type and paste it. Refuses hidden characters, except for those that pasting brings along."""

    MOST_CODE_POINTS = 8  # for a character that is seen; 👨‍👩‍👧‍👦 has seven

    prose = False

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        if self.max_length and len(value) > self.MOST_CODE_POINTS * self.max_length:  # what is endless takes long
            params = {"limit_value": self.max_length, "show_value": len(value)}
            raise ValidationError(MaxLengthValidator.message, code="max_length", params=params)
        text = drop_pasted(value, prose=self.prose)
        refuse_hidden(text, prose=self.prose)
        return tidy_prose(text) if self.prose else tidy_line(text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Lets browsers take more than the limit. They count UTF-16 and cut silently; the form tells and keeps all."""
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


class EmailField(forms.EmailField):
    """An e-mail address, with its domain in lower case. Refuses invisible characters and quoted local parts."""

    default_validators = [EmailValidator(EMAIL_REFUSED)]

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        refuse_hidden(value)
        # RFC 5321 allows "a,b"@host, but django-post-office stores lists of recipients separated by commas.
        if UNSAFE_IN_EMAIL.intersection(value):
            raise ValidationError(EMAIL_REFUSED, code="invalid")
        local, at, domain = value.rpartition("@")
        return f"{local}{at}{domain.lower()}"


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
