"""Form fields for what strangers write."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from core.text import has_hidden_characters, tidy_line, tidy_prose

UNSAFE_IN_ADDRESS = frozenset('",;<>\\ \t')


class LineField(forms.CharField):
    """One line of text, tidied; refuses characters that can't be seen."""

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        refuse_hidden(value)
        return tidy_line(value)


class ProseField(forms.CharField):
    """Some paragraphs, tidied."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        refuse_hidden(value, prose=True)
        return tidy_prose(value)


class EmailField(forms.EmailField):
    """An e-mail address; upper and lower case are one person's."""

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        refuse_hidden(value)
        # "a,b"@host is an address by the letter of the law, but mail queues keep several addresses with commas between.
        if UNSAFE_IN_ADDRESS.intersection(value):
            raise ValidationError(validate_email.message, code="invalid")
        local, at, domain = value.rpartition("@")
        return f"{local}{at}{domain.lower()}"


def refuse_hidden(text: str, *, prose: bool = False) -> None:
    if has_hidden_characters(text, prose=prose):
        raise ValidationError(
            _("This holds characters that cannot be seen. Please type it again instead of pasting it."), code="hidden"
        )
