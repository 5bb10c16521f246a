from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from privacy import policy
from privacy.models import PolicyVersion
from vietmusic.fields import AddressField


class YourLinkForm(forms.Form):
    """Asks for the address to which the link to a person's own page is mailed."""

    email = AddressField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The one that you gave us. Whatever it is, we answer by mail."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    helper = FormHelper()
    helper.form_action = reverse_lazy("privacy:ask")
    helper.disable_csrf = True
    helper.attrs = {"novalidate": ""}
    helper.layout = Layout("email", Submit("", _("Send me my link"), css_id="send-link"))


class PolicyDraftForm(forms.ModelForm):
    """A draft of the policy. What it says must be whole before it can even be saved."""

    class Meta:
        model = PolicyVersion
        fields = ["text_en", "text_vi", "summary_en", "summary_vi"]

    def clean_text_en(self) -> str:
        return checked(self.cleaned_data["text_en"])

    def clean_text_vi(self) -> str:
        return checked(self.cleaned_data["text_vi"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        names = {language: policy.names_of(cleaned.get(f"text_{language}", "")) for language in ("en", "vi")}
        if not self.errors and names["en"] != names["vi"]:
            self.add_error(
                "text_vi", _("Its headings must have the same names as the English ones, in the same order.")
            )
        return cleaned


def checked(text: str) -> str:
    if problems := list(policy.problems(text)):
        raise ValidationError(problems)
    return text
