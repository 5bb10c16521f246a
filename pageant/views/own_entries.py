"""Views for a person's own entries, behind a magic link."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.http.client_ip import client_network
from core.http.errors import too_many
from core.moderation import Refused, Status
from pageant import submission
from pageant.forms import EditForm, WordsForm
from pageant.forms.photos import content_of
from pageant.models import Draft, Entry, Photo
from pageant.photos import arranging
from pageant.rate_limits import UPLOADS
from pageant.views.submission import closed, preview, read, show_again
from privacy.account import own_submissions
from privacy.account.person_page import Person, back_to, person_required

CHANGED_MEANWHILE = _("Something has changed in the meantime. Please look at your entry and try again.")


def own_entry(person: Person, key: str) -> Entry:
    return get_object_or_404(Entry.objects.of(person.email).select_related("pageant"), key=key)


@person_required
@require_POST
def confirm(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    entry = own_entry(person, key)
    with suppress(Refused):  # confirmed or gone already: the page says so
        entry.confirm()
    return back_to(person, "confirmed")


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    return own_submissions.withdraw(request, person, own_entry(person, key), template="pageant/own/withdraw.html")


@person_required
@require_POST
def withdraw_sharing(request: HttpRequest, person: Person, key: str, cosponsorship: int) -> HttpResponse:
    """Withdraws a consent to share; what was handed over because of it is recalled."""
    agreements = own_entry(person, key).agreements.sharing().select_related("cosponsorship", "entry")
    get_object_or_404(agreements, cosponsorship=cosponsorship).withdraw()
    return back_to(person, "unshared")


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    entry = own_entry(person, key)
    if not entry.can_be_edited:
        if request.method == "POST" and entry.status != Status.WITHDRAWN:  # closed meanwhile: say that it wasn't saved
            return closed(request, entry.pageant)
        return back_to(person)
    draft = Draft.of(entry.pageant, request.POST.get("draft", ""))
    if request.method == "POST":
        return receive_edit(request, person, entry, draft)
    form = EditForm(instance=entry, pageant=entry.pageant, draft=draft, token=person.token)
    context = {"entry": entry, "pageant": entry.pageant, "person": person, "form": form}
    return render(request, "pageant/own/edit.html", context)


def receive_edit(request: HttpRequest, person: Person, entry: Entry, draft: Draft) -> HttpResponse:
    if draft.sent_at and draft.was_sent_with(content_of(request.POST, request.FILES)):
        return back_to(person, "saved")
    if draft.sent_at:  # went back to, changed and sent again: another form
        draft = Draft(pageant=entry.pageant, key=Draft.new_key())
    form = read(request, EditForm, instance=entry, pageant=entry.pageant, draft=draft, token=person.token)
    if form.is_arranging:
        form.forget_errors_of_words()
    elif not form.is_of_now:
        form.add_error(None, CHANGED_MEANWHILE)
    elif form.is_valid():
        try:
            submission.edit(entry.pk, form.words, form.photo_changes, draft=draft, content=form.content)
        except Refused:
            form.add_error(None, CHANGED_MEANWHILE)
        else:
            return back_to(person, "saved")
    context = {"entry": entry, "pageant": entry.pageant, "person": person}
    return show_again(request, "pageant/own/edit.html", form, context)


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """Corrects the words of an entry in a pageant that has closed."""
    entry = own_entry(person, key)
    if not entry.can_be_corrected:
        return back_to(person)
    form = WordsForm(request.POST or None, instance=entry, pageant=entry.pageant)
    if request.method == "POST" and form.is_valid():
        try:
            submission.correct(entry.pk, form.words)
        except Refused:
            form.add_error(None, CHANGED_MEANWHILE)
        else:
            return back_to(person, "saved")
    context = {"entry": entry, "pageant": entry.pageant, "person": person, "form": form}
    return render(request, "pageant/own/edit.html", context)


@person_required
@require_safe
def photo(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """A person's own photo, whatever the status of the entry."""
    own = Photo.objects.filter(entry__in=Entry.objects.of(person.email))
    return preview(get_object_or_404(own, key=key), width=320)


@person_required
@require_POST
def arrange_photo(request: HttpRequest, person: Person, key: str) -> HttpResponse:
    """Turns a photo, or moves it a place forward. If it is gone, the first click of two has turned it."""
    photos = Photo.objects.filter(entry__in=Entry.objects.of(person.email)).select_related("entry")
    photo = photos.filter(key=key).first()
    if photo is None:
        return back_to(person)
    if wait := UPLOADS.spend(client_network(request)):
        return too_many(request, wait)
    with suppress(Refused):  # changed meanwhile: the page shows it as it is now
        if "turn" in request.POST:
            photo = arranging.turn(photo.entry, photo)
        elif "move" in request.POST:
            arranging.move_forward(photo.entry, photo)
    return back_to(person, fragment=f"photo-{photo.key}")
