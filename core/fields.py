"""Form fields that tidy and validate text from visitors."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from core.text import has_hidden_characters, tidy_line, tidy_prose

EMAIL_REFUSED = _("This does not look like an e-mail address. Please check it.")
UNSAFE_IN_EMAIL = frozenset('",;<>\\ \t')


class LineField(forms.CharField):
    """A single line of text. Refuses invisible characters."""

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        refuse_hidden(value)
        return tidy_line(value)


class ProseField(forms.CharField):
    """Text of several paragraphs. Refuses invisible characters."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        refuse_hidden(value, prose=True)
        return tidy_prose(value)


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
    """Raises ValidationError if `text` has invisible characters: see core.text.has_hidden_characters."""
    if has_hidden_characters(text, prose=prose):
        raise ValidationError(
            _("This contains invisible characters. Please type it in instead of pasting it."), code="hidden"
        )
