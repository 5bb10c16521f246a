"""Forms for suggesting a website and changing one's own suggestion."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import EmailField, LineField, ProseField
from core.kept_pages.making import unique
from core.moderation import Status
from core.text import fold
from privacy.forms import POLICY_LINK, NotedForm
from privacy.registry.finders import Subject
from suggestions import form_timestamp
from suggestions.models import Category, Suggestion
from suggestions.website_url import MAX_LENGTH, URLRefused, WebsiteURL

LONGEST_DESCRIPTION = 600  # characters
TRAP = "homepage"  # a field that people don't see, and bots fill in


class WebsiteField(LineField):
    """The URL of a website, kept as typed; refused if the directory doesn't accept it."""

    widget = forms.URLInput(attrs={"autocomplete": "url", "inputmode": "url", "spellcheck": "false"})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text:
            try:
                WebsiteURL.parse(text)
            except URLRefused as refused:
                raise ValidationError(refused.message, code="refused") from refused
        return text


class WebsiteForm(NotedForm, forms.ModelForm):
    """What the directory shows about a website, and whether the sender is named."""

    collects = {
        "name": "suggestions.Suggestion.name",
        "title": "suggestions.Suggestion.title",
        "description": "suggestions.Suggestion.description",
    }

    url = WebsiteField(
        label=_("Address of the website"), max_length=MAX_LENGTH, help_text=_("For example https://example.org/music.")
    )
    title = LineField(label=_("Title"), max_length=100, help_text=_("What the site calls itself."))
    description = ProseField(
        label=_("Description"),
        max_length=LONGEST_DESCRIPTION,
        help_text=_("Two or three sentences: what is there, and who will like it?"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    category = forms.ModelChoiceField(label=_("Category"), queryset=Category.objects.all(), empty_label=_("— choose —"))
    language = forms.ChoiceField(
        label=_("Language of the site"), choices=Suggestion.SiteLanguage.choices, required=False
    )
    name = LineField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    show_name = forms.BooleanField(
        label=_("Show my name beside the website"),
        required=False,
        help_text=_(
            "If you tick this, everybody sees it for as long as the website is listed. Otherwise only our staff does."
        ),
    )

    class Meta:
        model = Suggestion
        fields = ["url", "title", "description", "category", "name", "show_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.disable_csrf = True  # see CrossOriginMiddleware
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(*self.fieldsets())
        if self.instance.pk:
            self.initial["language"] = self.instance.site_language

    def fieldsets(self) -> list[Any]:
        return [
            Fieldset(_("The website"), "url", "title", "description", "category", "language"),
            Fieldset(_("About you"), "name", "show_name"),
            POLICY_LINK,
            Submit("send", _("Save"), css_id="send"),
        ]

    def clean_title(self) -> str:
        return with_letter(self.cleaned_data["title"])

    def clean_name(self) -> str:
        return with_letter(self.cleaned_data["name"])

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or Suggestion.SiteLanguage.VIETNAMESE

    def clean(self) -> dict[str, Any]:
        self.same = self.find_same()
        if self.same and self.same.status == Status.APPROVED:
            self.add_error("url", ValidationError(_("This site is already listed here."), code="here"))
        elif self.same and not self.is_repeated:
            self.add_error(
                "url",
                ValidationError(_("This site has already been suggested and is waiting for a decision."), code="waits"),
            )
        return self.cleaned_data

    def find_same(self) -> Suggestion | None:
        """Another suggestion that already has the URL, or None."""
        if "url" not in self.cleaned_data:
            return None
        here = Suggestion.objects.here().at(WebsiteURL.parse(self.cleaned_data["url"]))
        return here.exclude(pk=self.instance.pk).first()

    @property
    def is_repeated(self) -> bool:
        return False

    @property
    def listing(self) -> Suggestion | None:
        """The listing that has the URL, to be shown beside the error."""
        same = getattr(self, "same", None)
        return same if same and same.is_public else None

    @property
    def words(self) -> dict[str, Any]:
        """The cleaned values, by the model's field names."""
        cleaned = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return {**cleaned, "site_language": self.cleaned_data["language"]}


class SuggestionForm(WebsiteForm):
    """Suggesting a website. `started` carries the signed time at which the form was shown."""

    collects = {**WebsiteForm.collects, "email": "suggestions.Suggestion.email"}

    email = EmailField(
        label=_("Your e-mail address"),
        help_text=_("We will write to tell you what we decide."),
    )
    started = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200)

    class Meta(WebsiteForm.Meta):
        fields = [*WebsiteForm.Meta.fields, "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["started"] = unique(form_timestamp.sign_now)

    def fieldsets(self) -> list[Any]:
        website, _about, policy_link, _submit = super().fieldsets()
        return [
            website,
            Fieldset(_("About you"), "name", "email", "show_name"),
            HTML("{% include 'suggestions/fields/trap.html' %}"),
            "started",
            policy_link,
            Submit("send", _("Suggest it"), css_id="send"),
        ]

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get(TRAP, "").strip())

    def clean_started(self) -> str:
        """Refuses a form that came back too fast or too late; one without a valid timestamp is left to staff."""
        text = self.cleaned_data["started"]
        try:
            self.instance.is_untimed = not form_timestamp.is_genuine(text)
        except form_timestamp.TooFast:
            self.add_error(None, _("That was very quick. Please look at it once more and send it again."))
        except form_timestamp.TooOld:
            self.restart()
            self.add_error(
                None, _("This form was open for a long time. Please look at it once more and send it again.")
            )
        return text

    def restart(self) -> None:
        """Gives the form a new timestamp."""
        self.data = {**{name: self.data[name] for name in self.data}, "started": form_timestamp.sign_now()}

    @property
    def is_repeated(self) -> bool:
        """Whether the waiting suggestion came from this very form, posted twice."""
        suggestion = getattr(self, "same", None)
        names = ("title", "description", "name")
        return (
            suggestion is not None
            and suggestion.status == Status.WAITING
            and suggestion.email_digest in Subject.of(self.cleaned_data.get("email", "")).digests
            and all(getattr(suggestion, name) == self.cleaned_data.get(name) for name in names)
        )


class EditForm(WebsiteForm):
    """Changing one's own suggestion; `revision` is the one that the sender saw."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = self.instance.revision

    def fieldsets(self) -> list[Any]:
        return ["revision", *super().fieldsets()]


def with_letter(text: str) -> str:
    if not fold(text):
        raise ValidationError(_("Please use at least one letter or digit."), code="no_letter")
    return text
