"""Views of cookie choices and preferences."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core.http.client_ip import client_network
from core.http.errors import too_many
from core.translated_fields import language_name
from privacy import rate_limits
from privacy.cookies import consent_record, questions
from privacy.cookies.consent import Answer, consent_of
from privacy.cookies.forms import PreferencesForm
from privacy.cookies.preferences import Preferences, change, preferences_of
from privacy.models import CookieChoice, PolicyVersion
from privacy.policy import snapshots
from privacy.policy.tables import Tables
from privacy.registry.purposes import PREFERENCES


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def cookies(request: HttpRequest) -> HttpResponse:
    """The page about cookies, to which every choice is posted."""
    if request.method == "POST":
        return answer(request)
    return show(request)


def answer(request: HttpRequest) -> HttpResponse:
    choice = consent_record.choice_in(request.POST)
    if choice is None:
        return show(request, problem=_("Please press one of the buttons."), status=400)
    shown = request.POST.get("shown", "")
    if choice.says_yes and not choice.is_to(shown):
        problem = _("The wording has changed since you opened this page. Please read it again, then choose.")
        return show(request, problem=problem, status=409)
    response = redirect(consent_record.path_back(request.POST.get("next", "")) or "privacy:cookies")
    if consent_of(request).repeats(choice.answers):
        return response
    wait = rate_limits.CHOICES.spend(client_network(request))
    if wait and choice.says_yes:
        return too_many(request, wait)
    consent_record.choose(request, response, choice, shown=shown, record=not wait)  # a refusal is always honoured
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def edit_preferences(request: HttpRequest) -> HttpResponse:
    # A page with errors in its form has this URL, and its language switch links to it.
    if request.method != "POST" or not consent_of(request).allows(PREFERENCES):
        return redirect("privacy:cookies")
    if "forget_all" in request.POST:
        change(request, Preferences())
        return redirect("privacy:cookies")
    form = preferences_form(request, request.POST)
    if not form.is_valid():
        return show(request, form=form)
    change(request, form.preferences)
    return redirect("privacy:cookies")


def preferences_form(request: HttpRequest, *posted: object) -> PreferencesForm:
    return PreferencesForm(*posted, held=preferences_of(request))


def show(
    request: HttpRequest, *, problem: str = "", form: PreferencesForm | None = None, status: int = 200
) -> HttpResponse:
    consent = consent_of(request)
    if consent.allows(PREFERENCES):
        form = form or preferences_form(request)
    context = {
        "consent": consent,
        "problem": problem,
        "question": questions.introduction(),
        "receipts": receipts_of(consent.given),
        "tables": Tables(snapshots.take()),
        "form": form,
        "preferences": preferences_of(request),
    }
    return render(request, "privacy/cookies.html", context, status=status)


def receipts_of(answers: Iterable[Answer]) -> list[dict[str, object]]:
    """The records of those answers, and the words that were answered, if they are still the same."""
    records = CookieChoice.objects.select_related("policy").filter(key__in=[answer.key for answer in answers])
    return [
        {
            "record": record,
            "language": language_name(record.language),
            "words": questions.words_of(record.text_digest),
        }
        for record in records
    ]


@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """Declares that we honour Global Privacy Control, in the form that its specification asks of sites."""
    policy = PolicyVersion.objects.current()
    dated = {"lastUpdate": timezone.localdate(policy.published_at).isoformat()} if policy else {}
    return JsonResponse({"gpc": True, **dated})
