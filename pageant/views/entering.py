"""Entering a pageant."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from pageant import entering, photos
from pageant.forms import EntryForm, ProfileForm
from pageant.models import Draft, Pageant, Photo
from privacy import limits
from vietmusic.client import client_network
from vietmusic.errors import too_many, too_many_text


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    pageant = get_object_or_404(Pageant, slug=slug)
    if not pageant.is_open:
        status = 403 if request.method == "POST" else 200
        return render(request, "pageant/enter_closed.html", {"pageant": pageant}, status=status)
    draft = Draft.of(pageant, request.POST.get("draft", ""))
    if request.method != "POST":
        return render(
            request,
            "pageant/enter.html",
            {"pageant": pageant, "form": EntryForm(pageant=pageant, draft=draft)},
        )
    return receive(request, pageant, draft)


def receive(request: HttpRequest, pageant: Pageant, draft: Draft) -> HttpResponse:
    if draft.was_sent_by(request.POST.get("email", "")):
        return redirect("pageant:entered", pageant.slug)
    if draft.sent_at:  # sent back, changed and sent again: another form
        draft = Draft(pageant=pageant, key=Draft.new_key())
    if request.FILES and (wait := limits.UPLOADS.spend(client_network(request))):
        return too_many(request, wait)
    form = EntryForm(request.POST, request.FILES, pageant=pageant, draft=draft)
    status = 200
    if form.is_valid():
        wait = limits.ENTRIES.spend(client_network(request)) or limits.MAILS.spend(
            form.cleaned_data["email"].casefold()
        )
        if not wait:
            entering.enter(form, draft=draft, language=get_language())
            return redirect("pageant:entered", pageant.slug)
        form.add_error(None, _("That is a little too often.") + " " + too_many_text(wait))
        status = 429
    response = show_again(request, "pageant/enter.html", form, {"pageant": pageant}, status=status)
    if status == 429:
        response["Retry-After"] = str(wait)
    return response


def show_again(
    request: HttpRequest, template: str, form: ProfileForm, context: dict, *, status: int = 200
) -> HttpResponse:
    """The form with its errors, and with everything in it that was fine."""
    form.keep_photos()
    return render(request, template, {**context, "form": form}, status=status)


@require_safe
def entered(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "pageant/entered.html", {"pageant": get_object_or_404(Pageant, slug=slug)})


@never_cache
@require_safe
def draft_photo(request: HttpRequest, slug: str, draft_key: str, key: str) -> HttpResponse:
    """A photo in a form that isn't sent yet, for whoever has the form."""
    photo = get_object_or_404(Photo, key=key, draft__key=draft_key, draft__pageant__slug=slug, draft__sent_at=None)
    return preview(photo, width=320)


def preview(photo: Photo, *, width: int) -> HttpResponse:
    try:
        with photo.open_master() as master:
            return HttpResponse(photos.make_preview(master, width=width), content_type="image/jpeg")
    except FileNotFoundError:
        return HttpResponseNotFound()
