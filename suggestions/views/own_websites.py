"""Views for a person's own suggestions, behind a magic link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.moderation import Refused
from privacy.account import own_submissions
from privacy.account.person_page import Person, back_to, person_required
from suggestions.forms import EditForm
from suggestions.models import Suggestion

CHANGED_MEANWHILE = _("Something has changed in the meantime. Please look at your suggestion and try again.")


def own_suggestion(person: Person, key: str) -> Suggestion:
    return get_object_or_404(Suggestion.objects.of(person.email).select_related("category"), key=key)


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    suggestion = own_suggestion(person, key)
    return own_submissions.withdraw(request, person, suggestion, template="suggestions/own/withdraw.html")


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    suggestion = own_suggestion(person, key)
    if request.method != "POST" and not suggestion.can_be_edited:
        return back_to(person)
    form = EditForm(request.POST or None, instance=suggestion)
    if request.method == "POST" and form.is_valid():
        current = own_suggestion(person, key)  # the form has written into `suggestion`
        if form.cleaned_data["revision"] is not None:
            current.revision = form.cleaned_data["revision"]
        try:
            current.rewrite(**form.words)
        except Refused:
            if own_suggestion(person, key).says(**form.words):  # the same form sent twice
                return back_to(person, "saved")
            form.add_error(None, CHANGED_MEANWHILE)
        else:
            return back_to(person, "saved")
    return render(request, "suggestions/own/edit.html", {"suggestion": suggestion, "person": person, "form": form})
