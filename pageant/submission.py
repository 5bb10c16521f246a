"""Turns what a visitor sends into an entry, with its draft, photos and mails. Independent of forms."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.email_digest import email_digest
from core.moderation import Outdated, Refused, Status
from core.pictures.masters import Master
from pageant import mails
from pageant.models import Draft, Entry, Hobby, Photo
from pageant.photos.arranging import replace_by_turned
from pageant.sponsors.notices import PostedAnswers, notices_of
from privacy.account import address_correction
from privacy.account.address_correction import SentMail
from privacy.models import MailedLink


class NoticesChanged(Refused):
    """What a co-sponsor would receive is no longer what was shown."""

    message = _(
        "What a co-sponsor would get has changed since you opened this form. Please read it again; we have unticked"
        " its boxes."
    )


@dataclass(frozen=True)
class EntryWords:
    """What an entry says in words, tidied. Hobbies are in lower case, each once."""

    display_name: str
    lives_in: str
    favourite_food: str
    about: str
    hobbies: Sequence[str]

    def put_into(self, entry: Entry) -> None:
        for name in WORD_FIELDS:
            setattr(entry, name, getattr(self, name))


WORD_FIELDS = ("display_name", "lives_in", "favourite_food", "about")


@dataclass(frozen=True)
class ChosenPhoto:
    """A kept or a new photo as it shall become: turned clockwise by so many quarters."""

    picture: Photo | Master
    description: str
    quarters: int = 0

    def add_to(self, entry: Entry) -> Photo:
        """Raises Outdated if the photo is gone."""
        fields = {"entry": entry, "description": self.description}
        if isinstance(self.picture, Master):
            return Photo.objects.add(self.picture, **fields)
        if self.quarters:
            return replace_by_turned(self.picture, self.quarters, **fields)
        Photo.objects.filter(pk=self.picture.pk).update(draft=None, **fields)
        self.picture.entry_id = entry.pk
        return self.picture


@dataclass(frozen=True)
class PhotoChanges:
    """Changes to an entry's photos: `chosen` are all that it has afterwards, in their order."""

    removed: Sequence[Photo]
    chosen: Sequence[ChosenPhoto]


@dataclass(frozen=True)
class EntrySubmission:
    """All that an entrant sends. `content` distinguishes it from another form sent with the same draft."""

    words: EntryWords
    photos: PhotoChanges
    email: str
    is_adult: bool
    owns_photos: bool
    agreement: str  # the words that were agreed to
    answers: PostedAnswers
    content: str


@transaction.atomic
def enter(sent: EntrySubmission, *, draft: Draft, language: str) -> SentMail | None:
    """Makes an entry, and mails a link to confirm it; None if it was sent before.

    If the e-mail address has an entry in this pageant, the mail leads to that one, and the new one has no owner: it is
    purged unless its address is corrected. The sender can't tell which: the response is the same.

    Raises Outdated if the pageant has closed or the draft was purged while the photos were read, and NoticesChanged if
    a co-sponsorship changed.
    """
    draft.pageant.refresh_from_db(fields=["opens_at", "closes_at"])
    if not draft.pageant.is_open:
        raise Outdated
    notices = notices_of(draft.pageant)
    if not sent.answers.fit(notices):
        raise NoticesChanged
    if not draft.claim(sent.content):
        return None
    entry = Entry(
        pageant=draft.pageant,
        language=language,
        email=sent.email,
        is_adult=sent.is_adult,
        owns_photos=sent.owns_photos,
    )
    sent.words.put_into(entry)
    existing = save_or_find(entry)
    entry.hobbies.set(Hobby.objects.named(sent.words.hobbies))
    change_photos(entry, sent.photos)
    entry.index()
    entry.agree_to_be_shown(sent.agreement)
    for notice, agreed in sent.answers.to(notices):
        entry.answer_notice(notice, agreed=agreed)
    return SentMail(entry.key, send_mail(entry, existing))


@transaction.atomic
def send_to(sent: SentMail, email: str) -> SentMail:
    """Corrects the e-mail address of an unconfirmed entry. Raises Outdated if it is too late for that."""
    address_correction.void(sent)  # first, as whoever uses the link locks it before the entry
    entry = Entry.objects.select_for_update().filter(key=sent.key, status=Status.UNCONFIRMED).first()
    if entry is None:
        raise Outdated
    entry.email = email
    existing = save_or_find(entry)
    return SentMail(entry.key, send_mail(entry, existing))


def send_mail(entry: Entry, existing: Entry | None) -> MailedLink:
    return mails.send_existing(existing) if existing else mails.send_confirmation(entry)


@transaction.atomic
def edit(pk: int, words: EntryWords, photos: PhotoChanges, *, draft: Draft, content: str) -> None:
    """Changes an entry, which then waits for approval again. Raises Outdated if it may not be changed any more."""
    if not draft.claim(content):
        return
    entry = Entry.objects.select_related("pageant").get(pk=pk)
    if not entry.can_be_edited:
        raise Outdated
    entry.resubmit()
    change_words(entry, words)
    change_photos(entry, photos)
    entry.index()


@transaction.atomic
def correct(pk: int, words: EntryWords) -> None:
    """Changes the words of an entry in a pageant that has closed; staff look at it again, as after any change."""
    entry = Entry.objects.select_related("pageant").get(pk=pk)
    entry.resubmit()
    change_words(entry, words)
    entry.index()


def change_words(entry: Entry, words: EntryWords) -> None:
    words.put_into(entry)
    entry.save(update_fields=WORD_FIELDS)
    entry.hobbies.set(Hobby.objects.named(words.hobbies))


def save_or_find(entry: Entry) -> Entry | None:
    """Saves the entry. If its e-mail address has another one, saves it without an owner, and returns the other.

    Both take the same queries, so that the time of the answer doesn't tell which it was.
    """
    entry.email_digest = email_digest(entry.email)
    existing = find_other(entry)
    if existing:
        disown(entry)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:  # another of the same address was faster
        existing = find_other(entry)
        if existing is None:
            raise
        disown(entry)
        entry.save()
    return existing


def find_other(entry: Entry) -> Entry | None:
    others = Entry.objects.of(entry.email).exclude(pk=entry.pk)
    existing = others.filter(pageant=entry.pageant).exclude(status=Status.WITHDRAWN).first()
    if existing:
        existing.pageant = entry.pageant
    return existing


def disown(entry: Entry) -> None:
    entry.email, entry.email_digest = "", email_digest(secrets.token_hex(32))


def change_photos(entry: Entry, changes: PhotoChanges) -> None:
    """Gives the entry its photos, in their order. Raises Outdated if one of them is gone."""
    Photo.objects.filter(key__in=[photo.key for photo in changes.removed]).delete()
    photos = [chosen.add_to(entry) for chosen in changes.chosen]
    for position, photo in enumerate(photos, start=1):
        Photo.objects.filter(pk=photo.pk).update(position=position, resembles=Photo.objects.resembling(photo))
    # Two forms sent at once may each have been within the limit.
    Photo.objects.filter(entry=entry, position__gt=entry.pageant.max_photos).delete()
