"""From a form that is fine to an entry: where drafts, entries, photos and mails meet."""

from typing import Any

from django.db import IntegrityError, transaction

from pageant import mails
from pageant.forms import EditForm, EntryForm
from pageant.models import Draft, Entry, Hobby, Photo
from vietmusic.moderation import Outdated, Status


@transaction.atomic
def enter(form: EntryForm, *, draft: Draft, language: str) -> None:
    """Makes the entry that the form asks for, or, where the address has one in this pageant, mails how to get there.

    Whoever sent the form can't tell which: the answer is the same.
    """
    if not draft.claim(email=form.cleaned_data["email"]):
        return
    entry = form.instance
    entry.pageant = draft.pageant
    entry.language = language
    existing = find(entry) or try_to_save(entry)
    if existing:
        Photo.objects.filter(draft=draft).remove()
        mails.send_existing(existing)
        return
    put_in(entry, form, draft=draft)
    mails.send_confirmation(entry)


@transaction.atomic
def edit(form: EditForm, *, draft: Draft) -> None:
    """Changes an entry, which then waits for approval again. Raises Outdated if it may not be changed any more."""
    if not draft.claim():
        return
    changed: Entry = form.instance
    entry = Entry.objects.select_related("pageant").get(pk=changed.pk)
    if not entry.can_be_edited:
        raise Outdated
    entry.resubmit()
    for name in form.Meta.fields:
        setattr(entry, name, getattr(changed, name))
    entry.save(update_fields=form.Meta.fields)
    put_in(entry, form, draft=draft)


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


def put_in(entry: Entry, form: Any, *, draft: Draft) -> None:
    """Gives the entry its hobbies and photos, in the order in which the form showed them."""
    entry.hobbies.set([Hobby.objects.get_or_create(name=name)[0] for name in sorted(form.cleaned_data["hobbies"])])
    Photo.objects.filter(key__in=[photo.key for photo in form.removed]).remove()
    photos = [photo for photo, _text in form.kept_with_descriptions()]
    for photo, text in form.kept_with_descriptions():
        Photo.objects.filter(pk=photo.pk).update(draft=None, entry=entry, description=text)
    photos += [
        Photo.objects.add(master, entry=entry, description=text) for master, text in form.new_with_descriptions()
    ]
    for position, photo in enumerate(photos, start=1):
        photo.entry_id = entry.pk
        Photo.objects.filter(pk=photo.pk).update(position=position, resembles=Photo.objects.resembling(photo))
    entry.index()
