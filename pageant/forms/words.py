"""The form for what an entry says in words."""

import re
import unicodedata
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Fieldset, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import LineField, ProseField
from core.text import fold, tidy_line
from core.vietnamese import sort_key, spelling
from pageant.models import Entry, Pageant
from pageant.submission import WORD_FIELDS, EntryWords
from privacy.forms import POLICY_LINK, NotedForm

MOST_HOBBIES = 10
LONGEST_HOBBY = 40  # characters
MOST_KNOWN = 12  # hobbies offered


BETWEEN_HOBBIES = re.compile(r"[,;/、，；\r\n\v\f\u2028\u2029]|#(?!\ufe0f?\u20e3)")  # #️⃣ is an emoji


class HobbiesField(LineField):
    """Tags, however people separate them; cleaned to a list of lower-case names without duplicates."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(hobby) for hobby in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(BETWEEN_HOBBIES.sub(",", value) if isinstance(value, str) else value)
        names: dict[str, str] = {}
        for part in text.split(","):
            name = unicodedata.normalize("NFC", tidy_line(part).lower())
            names.setdefault(spelling(name), name)
        hobbies = [name for name in names.values() if fold(name)]
        if len(hobbies) > MOST_HOBBIES:
            raise ValidationError(
                _("Please choose the %(most)d that you like best."),
                code="too_many",
                params={"most": MOST_HOBBIES},
            )
        if any(len(name) > LONGEST_HOBBY for name in hobbies):
            raise ValidationError(
                _("Please separate your hobbies with commas, and keep each one short."), code="too_long"
            )
        if len(hobbies) < len(list(filter(None, names.values()))):
            raise ValidationError(_("Please use at least one letter or digit for each hobby."), code="no_letter")
        return hobbies


class WordsForm(NotedForm, forms.ModelForm):
    """What an entry tells the public in words."""

    collects = {
        "display_name": "pageant.Entry.display_name",
        "lives_in": "pageant.Entry.lives_in",
        "favourite_food": "pageant.Entry.favourite_food",
        "hobbies": "pageant.Entry.hobbies",
        "about": "pageant.Entry.about",
    }

    display_name = LineField(
        label=_("Your name on the site"),
        max_length=60,
        help_text=_("Your own or a stage name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    lives_in = LineField(
        label=_("Where you live"),
        max_length=80,
        required=False,
        help_text=_("A town is enough: Đà Lạt, San Jose."),
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    favourite_food = LineField(label=_("Favourite food"), max_length=80, required=False)
    hobbies = HobbiesField(
        label=_("Hobbies"),
        max_length=500,
        required=False,
        help_text=_("Separated by commas, such as: singing, guitar."),
    )
    about = ProseField(
        label=_("A few words about you"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    class Meta:
        model = Entry
        fields = [*WORD_FIELDS]

    def __init__(self, *args: Any, pageant: Pageant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pageant = pageant
        self.helper = self.make_helper()
        if self.instance.pk and not self.is_bound:
            self.initial["hobbies"] = self.instance.tags

    @property
    def words(self) -> EntryWords:
        """The cleaned words. For a valid form only."""
        return EntryWords(**{name: self.cleaned_data[name] for name in (*WORD_FIELDS, "hobbies")})

    def clean_display_name(self) -> str:
        name = self.cleaned_data["display_name"]
        if not fold(name):
            raise ValidationError(_("Please use at least one letter or digit."), code="no_letter")
        return name

    def make_helper(self) -> FormHelper:
        helper = FormHelper()
        helper.disable_csrf = True  # another site's posts are refused by CrossOriginMiddleware, which needs no cookie
        helper.attrs = {"novalidate": ""}
        helper.layout = Layout(*self.fieldsets())
        return helper

    def fieldsets(self) -> list[Any]:
        return [self.words_part(), POLICY_LINK, self.button()]

    def words_part(self) -> Fieldset:
        return Fieldset(_("About you"), "display_name", "lives_in", "favourite_food", *self.hobbies_field(), "about")

    def button(self) -> Submit:
        return Submit("send", _("Save"), css_id="send")

    def hobbies_field(self) -> list[Any]:
        """The input with known hobbies, which the script offers as buttons, and the page as text without it."""
        known = sorted((tally.label for tally in self.pageant.tallies.most("hobby")[:MOST_KNOWN]), key=sort_key)
        self.known_hobbies = ", ".join(known)
        return [
            Field("hobbies", data_known=",".join(known)),
            HTML("{% include 'pageant/fields/known_hobbies.html' with known=form.known_hobbies only %}"),
        ]
