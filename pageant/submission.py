"""Turns a valid form into an entry, with its draft, photos and mails."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from core.moderation import Outdated, Refused, Status
from pageant import mails
from pageant.forms import NOTICES_CHANGED, EditForm, EntryForm, ProfileForm, WordsForm
from pageant.models import Draft, Entry, Hobby, Photo


class NoticesChanged(Refused):
    """What a co-sponsor would get is something else than what was shown."""

    message = NOTICES_CHANGED


@transaction.atomic
def enter(form: EntryForm, *, draft: Draft, language: str) -> None:
    """Makes the entry that the form asks for, or, where the address has one in this pageant, mails how to get there.

    Whoever sent the form can't tell which: the answer is the same. Raises Outdated if the pageant has closed, or the
    draft was swept, while the photos were looked at, and NoticesChanged if a co-sponsorship changed.
    """
    draft.pageant.refresh_from_db(fields=["opens_at", "closes_at"])
    if not draft.pageant.is_open:
        raise Outdated
    if not form.compare_again():
        raise NoticesChanged
    if not draft.claim(form.content):
        return
    entry = form.instance
    entry.pageant = draft.pageant
    entry.language = language
    existing = find(entry) or try_to_save(entry)
    if existing:
        Photo.objects.filter(draft=draft).delete()
        mails.send_existing(existing)
        return
    entry.hobbies.set(hobbies_named(form.cleaned_data["hobbies"]))
    put_photos_in(entry, form)
    entry.index()
    entry.agree_to_be_shown(form.agreed)
    for notice, agreed in form.answers:
        entry.answer_notice(notice, agreed=agreed)
    mails.send_confirmation(entry)


@transaction.atomic
def edit(form: EditForm, *, draft: Draft) -> None:
    """Changes an entry, which then waits for approval again. Raises Outdated if it may not be changed any more."""
    if not draft.claim(form.content):
        return
    entry = Entry.objects.select_related("pageant").get(pk=form.instance.pk)
    if not entry.can_be_edited:
        raise Outdated
    entry.resubmit()
    put_words_in(entry, form)
    put_photos_in(entry, form)
    entry.index()


@transaction.atomic
def correct(form: WordsForm) -> None:
    """Changes the words of an entry in a pageant that has closed; staff look at it again, as after any change."""
    entry = Entry.objects.select_related("pageant").get(pk=form.instance.pk)
    entry.resubmit()
    put_words_in(entry, form)
    entry.index()


def put_words_in(entry: Entry, form: WordsForm) -> None:
    for name in form.Meta.fields:
        setattr(entry, name, getattr(form.instance, name))
    entry.save(update_fields=form.Meta.fields)
    entry.hobbies.set(hobbies_named(form.cleaned_data["hobbies"]))


def find(entry: Entry) -> Entry | None:
    return Entry.objects.of(entry.email).filter(pageant=entry.pageant).exclude(status=Status.WITHDRAWN).first()


def try_to_save(entry: Entry) -> Entry | None:
    """Saves the entry, unless its twin was faster: then returns that one."""
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        twin = find(entry)
        if twin is None:
            raise
        return twin
    return None


def put_photos_in(entry: Entry, form: ProfileForm) -> None:
    """Gives the entry its photos, in the order in which the form showed them."""
    Photo.objects.filter(key__in=[photo.key for photo in form.removed]).delete()
    kept = form.kept_with_descriptions()
    for photo, text in kept:
        Photo.objects.filter(pk=photo.pk).update(draft=None, entry=entry, description=text)
    new = [Photo.objects.add(master, entry=entry, description=text) for master, text in form.new_with_descriptions()]
    photos = [*(photo for photo, _text in kept), *new]
    for position, photo in enumerate(photos, start=1):
        photo.entry_id = entry.pk
        Photo.objects.filter(pk=photo.pk).update(position=position, resembles=Photo.objects.resembling(photo))
    # Two forms sent at once may each have been within the limit.
    Photo.objects.filter(entry=entry, position__gt=entry.pageant.max_photos).delete()


def hobbies_named(names: Collection[str]) -> list[Hobby]:
    """Those hobbies, made where they are missing, and locked, so that no job sweeps one before it is taken up."""
    found: list[Hobby] = []
    while len(found) < len(names):
        for name in sorted(names):
            Hobby.objects.get_or_create(name=name)
        found = list(Hobby.objects.select_for_update().filter(name__in=names).order_by("name"))
    return found
