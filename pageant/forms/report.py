"""The form for reporting an entry."""

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import ProseField
from pageant.models import Report
from privacy.forms import NotedForm, plain_helper


class ReportForm(NotedForm, forms.ModelForm):
    """Reports to staff that something is wrong with an entry."""

    collects = {"reason": "pageant.Report.reason", "note": "pageant.Report.note"}

    reason = forms.ChoiceField(label=_("What is wrong?"), choices=Report.Reason, widget=forms.RadioSelect)
    note = ProseField(
        label=_("What should we know?"),
        max_length=1000,
        required=False,
        help_text=_("How we can reach you, if you would like an answer."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = Report
        fields = ["reason", "note"]

    @property
    def helper(self) -> FormHelper:
        return plain_helper("reason", "note", button=_("Send"))
