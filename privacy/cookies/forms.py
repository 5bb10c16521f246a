"""The form for editing one's own preferences."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import ProseField
from core.site import preference_kinds
from core.text import tidy_line
from privacy.cookies.preferences import MOST, Preferences


class LinesField(ProseField):
    """A few short texts, one on each line, since places may have a comma in them."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(
            required=False, max_length=4 * MOST * longest, widget=forms.Textarea(attrs={"rows": MOST}), **options
        )
        self.longest = longest

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, tuple) else value

    def clean(self, value: object) -> tuple[str, ...]:
        lines = dict.fromkeys(filter(None, map(tidy_line, super().clean(value).split("\n"))))
        if len(lines) > MOST:
            raise ValidationError(_("Please keep no more than %(most)d."), code="too_many", params={"most": MOST})
        if any(len(line) > self.longest for line in lines):
            raise ValidationError(_("Please put each one on a line of its own, and keep it short."), code="too_long")
        return tuple(lines)


class ForgetField(forms.MultipleChoiceField):
    """The pages that somebody looked at; those that are ticked will be forgotten."""

    def __init__(self, slugs: Sequence[str], titles: Mapping[str, str], **options: Any) -> None:
        # Under its slug if the page is gone
        choices = [(slug, _("Forget %(page)s") % {"page": titles.get(slug, slug)}) for slug in slugs]
        super().__init__(choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **options)


class PreferencesForm(forms.Form):
    """Edits one's own preferences cookie, with a field for each kind that apps declare."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Either")), *settings.LANGUAGES],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("If the home page opens in another language, it offers you this one."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, held: Preferences, **options: Any) -> None:
        initial = {kind.field: held.of_kind(kind.name) for kind in preference_kinds().values()}
        super().__init__(data, initial={"language": held.language, **initial}, **options)
        self.held = held
        for kind in preference_kinds().values():
            if kind.titles is None:
                self.fields[kind.field] = LinesField(
                    longest=kind.max_length, label=kind.label, help_text=kind.help_text
                )
            elif slugs := held.of_kind(kind.name):
                self.fields[kind.field] = ForgetField(slugs, kind.titles(slugs), label=kind.label)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.fields)

    def clean(self) -> dict[str, object]:
        if not self.errors and not self.preferences.fits:
            raise ValidationError(
                _("That is more than a cookie can hold. Please leave something out."), code="too_long"
            )
        return self.cleaned_data

    @property
    def preferences(self) -> Preferences:
        """The preferences after the change. For a valid form only."""
        posted = self.cleaned_data
        preferences = replace(self.held, language=posted["language"])
        for kind in preference_kinds().values():
            if kind.titles is None:
                preferences = preferences.keeping(kind.name, posted[kind.field])
            else:
                forgotten = posted.get(kind.field, ())
                kept = [slug for slug in self.held.of_kind(kind.name) if slug not in forgotten]
                preferences = preferences.keeping(kind.name, kept)
        return preferences
