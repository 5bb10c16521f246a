"""The form for editing one's own preferences."""

from dataclasses import replace

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import ProseField
from core.text import tidy_line
from privacy.cookies.preferences import LISTS, LONGEST, MOST, Preferences


class LinesField(ProseField):
    """A few short texts, one on each line: places may have a comma in them."""

    def __init__(self, *, longest: int, **options: object) -> None:
        super().__init__(
            required=False, max_length=4 * MOST * longest, widget=forms.Textarea(attrs={"rows": MOST}), **options
        )
        self.longest = longest

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, tuple) else value

    def clean(self, value: object) -> tuple[str, ...]:
        lines = dict.fromkeys(filter(None, map(tidy_line, super().clean(value).split("\n"))))
        if len(lines) > MOST:
            raise ValidationError(_("Please keep %(most)d at most."), code="too_many", params={"most": MOST})
        if any(len(line) > self.longest for line in lines):
            raise ValidationError(_("Please put each one on a line of its own, and keep it short."), code="too_long")
        return tuple(lines)


class PreferencesForm(forms.Form):
    """What somebody's preferences cookie holds, to be edited by them. `forget`: pageants to be taken out of it."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Either")), *settings.LANGUAGES],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("When the home page comes in another one, it offers yours."),
    )
    places = LinesField(
        label=_("Places"), longest=LONGEST["place"], help_text=_("One on each line: people from there come first.")
    )
    hobbies = LinesField(
        label=_("Hobbies"), longest=LONGEST["hobby"], help_text=_("One on each line: people who share them come first.")
    )
    forget = forms.MultipleChoiceField(
        label=_("Pageants that you looked at"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, held: Preferences, titles: dict[str, str], **options: object) -> None:
        initial = {"language": held.language, "places": held.places, "hobbies": held.hobbies}
        super().__init__(*args, initial=initial, **options)
        self.held = held
        self.fields["forget"].choices = [
            (slug, _("Forget %(pageant)s") % {"pageant": title}) for slug, title in titles.items()
        ]
        if not titles:
            del self.fields["forget"]
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
        """As they shall be."""
        posted = self.cleaned_data
        kept = tuple(slug for slug in self.held.pageants if slug not in posted.get("forget", ()))
        return replace(
            self.held,
            language=posted["language"],
            places=posted["places"],
            hobbies=posted["hobbies"],
            **{LISTS["pageant"]: kept},
        )
