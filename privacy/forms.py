"""Forms whose fields carry the registry's notes, and the person's page's own forms."""

from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout, Submit
from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.fields import EmailField, ProseField, TypedEmail
from privacy.models import DataRequest
from privacy.registry.declarations import note

if TYPE_CHECKING:
    from privacy.account.address_correction import SentMail

POLICY_LINK = HTML("{% include 'components/policy_link.html' %}")


class NotedForm(forms.BaseForm):
    """A form that says beside each field what the registry declares about it: who sees it, when it is erased.

    `collects` maps its fields to those of models: `"email": "pageant.Entry.email"`.
    """

    collects: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kept_as in self.collects.items():
            if name in self.fields:
                label, _dot, field = kept_as.rpartition(".")
                self.fields[name].help_text = f"{self.fields[name].help_text} {note(label, field)}".strip()


def plain_helper(*fields: str, button: Promise, action: str = "") -> FormHelper:
    """The helper of a small form. Made for each form, since crispy translates the button's label at once."""
    helper = FormHelper()
    helper.form_action = action
    helper.disable_csrf = True
    helper.attrs = {"novalidate": ""}
    helper.layout = Layout(*fields, POLICY_LINK, Submit("send", button, css_id="send"))
    return helper


class YourLinkForm(NotedForm, forms.Form):
    """Asks for the e-mail address to which the link to a person's own page is sent."""

    collects = {"email": "privacy.MailedLink.email"}

    email = EmailField(
        label=_("Your e-mail address"),
        help_text=_("The one you gave us. Whether we know it or not, we will answer by e-mail."),
    )

    @property
    def helper(self) -> FormHelper:
        return plain_helper("email", button=_("Send me my link"), action=reverse("privacy:ask"))


class AddressForm(NotedForm, forms.Form):
    """Corrects the e-mail address of what was `sent`."""

    email = EmailField(label=_("The right e-mail address"))

    def __init__(self, *args: Any, sent: "SentMail | None", kept_as: str, **kwargs: Any) -> None:
        self.collects = {"email": kept_as}
        super().__init__(*args, **kwargs)
        if sent:
            self.initial["email"] = TypedEmail(sent.email)
            self.initial["email"].is_meant = True  # they were asked about it before they sent it

    @property
    def helper(self) -> FormHelper:
        return plain_helper("email", button=_("Send it to this address"))


class QuestionForm(NotedForm, forms.ModelForm):
    """Asks staff for what the person's page can't do by itself; they have 30 days to answer."""

    collects = {"kind": "privacy.DataRequest.kind", "text": "privacy.DataRequest.text"}

    kind = forms.ChoiceField(
        label=_("What would you like?"),
        choices=[("", _("— choose —")), *DataRequest.Kind.choices],
    )
    text = ProseField(
        label=_("In your words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    class Meta:
        model = DataRequest
        fields = ["kind", "text"]

    @property
    def helper(self) -> FormHelper:
        return plain_helper("kind", "text", button=_("Send"))
