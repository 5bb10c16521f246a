from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from privacy import limits, links, person
from privacy.forms import YourLinkForm
from privacy.models import MailedLink
from vietmusic.client import client_network
from vietmusic.errors import too_many


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Mails a link to whoever asks; the answer is the same for any address."""
    form = YourLinkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "privacy/ask.html", {"form": form})
    email = form.cleaned_data["email"]
    if wait := limits.spend_for_mail(limits.LINKS, client_network(request), email):
        return too_many(request, wait)
    send_link(email, get_language())
    return redirect("privacy:asked")


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/asked.html")


@transaction.atomic
def send_link(email: str, language: str) -> None:
    """The same mail whether we hold anything about the address or not: only its owner may learn that."""
    links.queue_mail("privacy/your_link", {}, to=email, language=language, purpose=MailedLink.Purpose.OPEN)


@person.guarded
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """A mailed link, or the person's page that it leads to."""
    link = links.find(token)
    if link is None:
        return render(request, "privacy/link_unknown.html", {"form": YourLinkForm()}, status=404)
    if request.method == "POST":
        return use(request, link, token)
    if not links.is_live(link):
        return render(request, "privacy/link_over.html", {"link": link, "token": token}, status=410)
    if link.purpose != MailedLink.Purpose.PAGE:
        return render(request, "privacy/link.html", {"link": link, "about": links.about(link, request)})
    return own_page(request, person.Person(link.email, token, link))


def use(request: HttpRequest, link: MailedLink, token: str) -> HttpResponse:
    if "again" in request.POST:
        return send_again(request, link)
    if link.purpose == MailedLink.Purpose.PAGE:
        if "close" in request.POST:
            links.close(link)
            return redirect("privacy:closed")
        return redirect("privacy:page", token)
    page_token = links.use(link, token)
    if page_token is None:
        return render(request, "privacy/link_over.html", {"link": link, "token": token}, status=410)
    return redirect("privacy:page", page_token)


def send_again(request: HttpRequest, link: MailedLink) -> HttpResponse:
    if wait := limits.MAILS.spend(link.email.casefold()):
        return too_many(request, wait)
    send_link(link.email, get_language())
    return redirect("privacy:asked")


def own_page(request: HttpRequest, who: person.Person) -> HttpResponse:
    sections = [section(request, who) for section in person.SECTIONS]
    return render(request, "privacy/page.html", {"person": who, "sections": list(filter(None, sections))})


@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/closed.html")
