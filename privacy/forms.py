from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

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
