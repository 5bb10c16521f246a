"""Views for suggesting a website."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.email_digest import email_digest
from core.http.client_ip import client_network
from core.http.errors import too_many_text
from core.kept_pages.views import kept
from core.moderation import Outdated, Status
from privacy.account import address_correction
from privacy.account.address_correction import SentMail
from privacy.rate_limits import spend_for_mail
from suggestions import mails
from suggestions.forms import SuggestionForm, WebsiteForm
from suggestions.models import Suggestion
from suggestions.models.suggestion import URLTaken, claiming_url
from suggestions.rate_limits import SUGGESTIONS


@csrf_exempt
@kept("websites", "policy")
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return show(request, SuggestionForm(initial={"category": request.GET.get("category")}))
    form = SuggestionForm(request.POST)
    if form.is_trapped:  # a bot: it may believe that it succeeded
        return redirect("suggestions:suggested")
    if not form.is_valid():
        return show(request, form)
    if form.is_repeated:
        return redirect("suggestions:suggested")
    wait = spend_for_mail(SUGGESTIONS, client_network(request), form.cleaned_data["email"])
    return too_often(request, form, wait) if wait else receive(request, form)


def show(request: HttpRequest, form: WebsiteForm, *, status: int = 200) -> HttpResponse:
    return render(request, "suggestions/suggest.html", {"form": form}, status=status)


def too_often(request: HttpRequest, form: SuggestionForm, wait: int) -> HttpResponse:
    """The form with all that was typed; `wait` in seconds."""
    form.add_error(None, _("That was a few too many tries.") + " " + too_many_text(wait))
    response = show(request, form, status=429)
    response["Retry-After"] = str(wait)
    return response


def receive(request: HttpRequest, form: SuggestionForm) -> HttpResponse:
    suggestion = form.instance
    suggestion.site_language = form.cleaned_data["language"]
    suggestion.language = get_language()
    try:
        with transaction.atomic(), claiming_url():
            suggestion.save()
            sent = SentMail(suggestion.key, mails.send_received(suggestion))
    except URLTaken:  # somebody else was just faster, or the same form was sent twice
        again = SuggestionForm(request.POST)
        return redirect("suggestions:suggested") if again.is_valid() else show(request, again)
    return redirect(address_correction.url_after(reverse("suggestions:suggested"), sent))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def suggested(request: HttpRequest) -> HttpResponse:
    return address_correction.show(
        request, "suggestions/suggested.html", {}, send_to=send_to, kept_as="suggestions.Suggestion.email"
    )


@transaction.atomic
def send_to(sent: SentMail, email: str) -> SentMail:
    """Corrects the e-mail address of a waiting suggestion. Raises Outdated if it is too late for that."""
    address_correction.void(sent)
    suggestion = Suggestion.objects.select_for_update().filter(key=sent.key, status=Status.WAITING).first()
    if suggestion is None:
        raise Outdated
    suggestion.email, suggestion.email_digest = email, email_digest(email)
    suggestion.save(update_fields=["email", "email_digest"])
    return SentMail(suggestion.key, mails.send_received(suggestion))
