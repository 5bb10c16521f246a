"""Views for entering a pageant."""

from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core.http.client_ip import client_network
from core.http.errors import MOMENT, too_many_text
from core.kept_pages.views import kept
from core.moderation import Refused
from core.pictures import renditions
from pageant import submission
from pageant.forms import EntryForm, PhotosForm
from pageant.forms.photos import content_of
from pageant.models import Draft, Pageant, Photo
from pageant.public_rows import pageant_or_404
from pageant.rate_limits import ENTRIES, reading_photos
from privacy.account import address_correction
from privacy.rate_limits import give_back_for_mail, spend_for_mail

PhotosFormType = TypeVar("PhotosFormType", bound=PhotosForm)


@csrf_exempt
@kept("pageants:{slug}", "policy")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    pageant = pageant_or_404(slug)
    if not pageant.is_open:
        return closed(request, pageant)
    draft = Draft.of(pageant, request.POST.get("draft", ""))
    if request.method != "POST":
        return render(
            request,
            "pageant/enter.html",
            {"pageant": pageant, "form": EntryForm(pageant=pageant, draft=draft)},
        )
    return receive(request, pageant, draft)


def closed(request: HttpRequest, pageant: Pageant) -> HttpResponse:
    status = 403 if request.method == "POST" else 200
    return render(request, "pageant/enter_closed.html", {"pageant": pageant}, status=status)


def receive(request: HttpRequest, pageant: Pageant, draft: Draft) -> HttpResponse:
    if draft.sent_at and draft.was_sent_with(content_of(request.POST, request.FILES)):
        return redirect("pageant:entered", pageant.slug)
    if draft.sent_at:  # went back to, changed and sent again: another form
        draft = Draft(pageant=pageant, key=Draft.new_key())
    wait = 0
    form = read(request, EntryForm, pageant=pageant, draft=draft)
    if form.is_arranging:
        form.forget_errors_of_words()
    elif form.is_valid():
        wait = spend_for_mail(ENTRIES, client_network(request), form.cleaned_data["email"])
        if not wait:
            return enter_or_explain(request, form, draft)
        if Draft.of(pageant, draft.key).was_sent_with(form.content):  # by the first of many clicks
            return redirect("pageant:entered", pageant.slug)
    return show_again(request, "pageant/enter.html", form, {"pageant": pageant}, wait=wait)


def read(request: HttpRequest, form_class: type[PhotosFormType], **kwargs: Any) -> PhotosFormType:
    """The posted form, validated; that decodes its photos."""
    form = form_class(request.POST, request.FILES, **kwargs)
    if form.has_too_many:  # which is said without a turn
        return form
    with reading_photos(request) as form.decoder:
        form.full_clean()
    return form


def enter_or_explain(request: HttpRequest, form: EntryForm, draft: Draft) -> HttpResponse:
    try:
        sent = submission.enter(form.submission, draft=draft, language=get_language())
    except submission.NoticesChanged:
        form.show_new_notices()
        return show_again(request, "pageant/enter.html", form, {"pageant": draft.pageant})
    except Refused:
        if not draft.pageant.is_open:
            return closed(request, draft.pageant)
        form.add_error(
            None, _("The form was open for too long, and the photos are no longer here. Please choose them again.")
        )
        return show_again(request, "pageant/enter.html", form, {"pageant": draft.pageant})
    if sent is None:  # sent by another click
        give_back_for_mail(ENTRIES, client_network(request), form.cleaned_data["email"])
    return redirect(address_correction.url_after(reverse("pageant:entered", args=[draft.pageant.slug]), sent))


def show_again(
    request: HttpRequest, template: str, form: PhotosForm, context: dict[str, Any], *, wait: int = 0
) -> HttpResponse:
    """The form with its errors and all that was accepted. With `wait`, in seconds, it came too often."""
    if wait:
        form.add_error(None, _("That was a few too many tries.") + " " + too_many_text(wait))
    if form.is_too_busy:
        wait = MOMENT
    form.keep_photos(network=client_network(request))
    response = render(request, template, {**context, "form": form}, status=429 if wait else 200)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def entered(request: HttpRequest, slug: str) -> HttpResponse:
    context = {"pageant": pageant_or_404(slug)}
    return address_correction.show(
        request, "pageant/entered.html", context, send_to=submission.send_to, kept_as="pageant.Entry.email"
    )


@never_cache
@require_safe
def draft_photo(request: HttpRequest, slug: str, draft_key: str, key: str) -> HttpResponse:
    """A photo in a form that isn't sent yet, for whoever has the form."""
    photo = get_object_or_404(Photo, key=key, draft__key=draft_key, draft__pageant__slug=slug, draft__sent_at=None)
    return preview(photo, width=320)


def preview(photo: Photo, *, width: int) -> HttpResponse:
    try:
        with photo.open_master() as master:
            return HttpResponse(renditions.make_preview(master, width=width), content_type="image/jpeg")
    except FileNotFoundError:
        return HttpResponseNotFound()
