"""Views of the person's page: asking for a link, opening it, export, erasure, questions."""

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core.http.client_ip import client_network
from core.http.errors import too_many
from privacy import rate_limits
from privacy.account import magic_links, person_page
from privacy.account.person_page import Person, guarded, person_required
from privacy.forms import QuestionForm, YourLinkForm
from privacy.models import ErasureReceipt, MailedLink
from privacy.registry.declarations import REGISTRY
from privacy.registry.finders import Subject
from privacy.rights import erasure, export, subject_requests
from privacy.sharing import ledger


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Mails a link to whoever asks; the response is the same for any e-mail address."""
    form = YourLinkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "privacy/ask.html", {"form": form})
    email = form.cleaned_data["email"]
    if wait := rate_limits.spend_for_mail(rate_limits.LINKS, client_network(request), email):
        # Otherwise somebody who requests too many mails for another would seem to lock them out of their page.
        return too_many(request, wait, advice=_("Links that we have already e-mailed to you work for 72 hours."))
    send_link(email, get_language())
    return redirect("privacy:asked")


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/asked.html")


@transaction.atomic
def send_link(email: str, language: str) -> None:
    """Mails the same text whether or not we hold anything about the address: only its owner may learn that."""
    magic_links.queue_mail("privacy/your_link", {}, to=email, language=language, purpose=MailedLink.Purpose.OPEN)


@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """A mailed link, or the person's page that it leads to."""
    link = magic_links.find_link(token)
    if link is None:
        return render(request, "privacy/link_unknown.html", {"form": YourLinkForm()}, status=404)
    if request.method == "POST":
        return use(request, link, token)
    if not magic_links.is_live(link):
        return render(request, "privacy/link_over.html", {"link": link, "token": token}, status=410)
    if link.purpose != MailedLink.Purpose.PAGE:
        return render(request, "privacy/link.html", {"link": link, "about": magic_links.about(link, request)})
    return own_page(request, Person(link.email, token, link))


def use(request: HttpRequest, link: MailedLink, token: str) -> HttpResponse:
    if "again" in request.POST:
        return send_again(request, link)
    if link.purpose == MailedLink.Purpose.PAGE:
        if "close" in request.POST:
            magic_links.close(link)
            return redirect("privacy:closed")
        return redirect("privacy:page", token)
    page_token = magic_links.use_link(link, token)
    if page_token is None:
        return render(request, "privacy/link_over.html", {"link": link, "token": token}, status=410)
    done = "confirmed" if link.purpose == MailedLink.Purpose.CONFIRM else ""
    return person_page.back_to(Person(link.email, page_token, link), done)


def send_again(request: HttpRequest, link: MailedLink) -> HttpResponse:
    if wait := rate_limits.MAILS.spend(link.email):
        return too_many(request, wait)
    send_link(link.email, get_language())
    return redirect("privacy:asked")


def own_page(request: HttpRequest, who: Person) -> HttpResponse:
    sections = [section(request, who) for section in person_page.SECTIONS]
    subject = Subject.of(who.email)
    context = {
        "person": who,
        "done": person_page.DONE.get(request.GET.get("done", "")),
        "sections": list(filter(None, sections)),
        "kinds": export.tables(export.find(subject)),
        "disclosures": ledger.of(subject),
    }
    return render(request, "privacy/page.html", context)


@person_required
@require_safe
def download(request: HttpRequest, who: Person) -> HttpResponseBase:
    if wait := rate_limits.DOWNLOADS.spend(who.email.casefold()):
        return too_many(request, wait)
    return FileResponse(export.zip_file(Subject.of(who.email)), as_attachment=True, filename="vietmusic.zip")


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, who: Person) -> HttpResponse:
    """Takes questions that the page can't answer by itself; staff answer within 30 days."""
    form = QuestionForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "privacy/question.html", {"form": form, "person": who})
    if wait := rate_limits.QUESTIONS.spend(who.email.casefold()):
        return too_many(request, wait)
    subject_requests.receive(form.instance, email=who.email, language=get_language())
    return person_page.back_to(who, "asked")


@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what would be erased and what would stay; a post erases. A second click finds the receipt of the first."""
    receipt = ErasureReceipt.objects.filter(page_digest=magic_links.token_digest(token)).first()
    if receipt:
        return redirect("privacy:erased", receipt.key)
    return erase_own(request, token=token)


@person_required
def erase_own(request: HttpRequest, who: Person) -> HttpResponse:
    subject = Subject.of(who.email)
    if request.method == "POST":
        erasure.erase(subject, page_digest=magic_links.token_digest(who.token))
        return erase(request, who.token)
    context = {
        "person": who,
        "going": [(declaration.name, len(pks)) for declaration, pks in erasure.to_erase(subject)],
        "staying": erasure.staying(subject),
    }
    return render(request, "privacy/erase.html", context)


@require_safe
def erased(request: HttpRequest, key: str) -> HttpResponse:
    """A receipt, for whoever has its number. It names nobody."""
    receipt = get_object_or_404(ErasureReceipt, key=key)
    kinds = [(REGISTRY.find(label).name, count) for label, count in receipt.kinds.items() if label in labels()]
    return render(request, "privacy/erased.html", {"receipt": receipt, "kinds": kinds})


def labels() -> set[str]:
    return {declaration.label for declaration in REGISTRY.declarations.values()}


@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/closed.html")
