"""The form for the photos of an entry, which takes several files and keeps those that were accepted."""

import hashlib
from collections.abc import Iterable
from itertools import count
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Fieldset
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.pictures.decoding import Decoder, TooBusy
from core.pictures.masters import Master, PhotoRefused, make_master, turned
from core.text import drop_hidden, shorten, tidy_line
from pageant.forms.words import WordsForm
from pageant.models import Draft, Photo
from pageant.models.draft import NoRoom
from pageant.submission import ChosenPhoto, PhotoChanges
from privacy.forms import POLICY_LINK

LONGEST_DESCRIPTION = 200  # characters

NO_ROOM = _(
    "Very many photos are waiting in forms that are not finished yet, so we could not keep yours. All else that you "
    "entered is kept. Please choose your photos again once the rest is right: then they are taken at once."
)

# Enter in a text input presses the first button of a form, which must not be one that turns a photo.
DEFAULT_BUTTON = HTML('<button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true"></button>')


def tidy_description(text: str) -> str:
    """A description without what can't be kept, instead of an error: describing must never hinder sending."""
    return shorten(tidy_line(drop_hidden(text)), LONGEST_DESCRIPTION)


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"

    def value_omitted_from_data(self, data: QueryDict, files: MultiValueDict, name: str) -> bool:
        return False


class PhotosField(forms.FileField):
    """Any number of files; the form checks them, since it knows how many it may take."""

    widget = PhotosInput(attrs={"accept": "image/*,.heic,.heif"})

    def clean(self, data: list[UploadedFile] | None, initial: Any = None) -> list[UploadedFile]:
        return [file for file in data or [] if file]


def read_quarters(posted: str) -> int:
    return int(posted) if posted in {"1", "2", "3"} else 0


def content_of(posted: QueryDict, files: MultiValueDict) -> str:
    """The words and photos of a form as text, to be compared with those of another one."""
    words = sorted((name, values) for name, values in posted.lists() if name != "draft")
    return repr((words, [digest_of(file) for file in files.getlist("photos")]))


def digest_of(file: UploadedFile) -> str:
    file.seek(0)
    return hashlib.file_digest(file.file, "sha256").hexdigest()


class PhotosForm(WordsForm):
    """The words and photos of an entry. Accepted photos are kept in a draft when something else is refused.

    Posted beside the fields:

    - `draft`: its key;
    - `remove`: keys of photos that were kept before;
    - `order`: the keys of those that stay, and NEW for each new one (new ones come last where nothing else is said);
    - `description_<key>` and `quarters_<key>`: of those that stay, the latter how far to turn it clockwise;
    - `descriptions` and `quarters`: of the new ones, in the order of `photos`;
    - `arrange`: by the buttons that work without a script, where nothing is to be sent yet: "turn <key>", "move <key>"
      (a place forward) or "show" (the new photos).
    """

    NEW = "new"

    collects = {**WordsForm.collects, "photos": "pageant.Photo.key"}

    photos = PhotosField(label=_("Photos"), required=False)

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        self.draft = draft
        self.decoder: Decoder | None = None  # one for this form alone, unless somebody sets it
        self.is_too_busy = False  # to decode the new photos now
        self.new: dict[str, ChosenPhoto] = {}  # the new photos that were accepted, by their tokens
        super().__init__(*args, **kwargs)
        self.order = self.posted_order()

    def posted_order(self) -> list[str]:
        """The posted order: keys of photos, and tokens of new ones (NEW with the number of the file)."""
        numbers = count()
        posted = self.data.getlist("order") if self.is_bound else []
        return [f"{self.NEW}{next(numbers)}" if key == self.NEW else key for key in posted]

    @property
    def content(self) -> str:
        """What distinguishes this form from another one sent with the same draft."""
        return content_of(self.data, self.files)

    # The photos that are here already

    @property
    def existing(self) -> list[Photo]:
        """The photos of the entry that is being edited, and of the draft."""
        of_entry = list(self.instance.photos.all()) if self.instance.pk else []
        return of_entry + (list(self.draft.photos.all()) if self.draft.pk else [])

    @property
    def lost(self) -> list[Photo]:
        """Those that are to be sent again; they go when the form is saved."""
        return [photo for photo in self.existing if photo.lost_at]

    @property
    def removed(self) -> list[Photo]:
        keys = set(self.data.getlist("remove")) if self.is_bound else set()
        return [photo for photo in self.existing if photo.key in keys or photo.lost_at]

    def kept(self) -> dict[str, ChosenPhoto]:
        removed = {photo.key for photo in self.removed}
        return {
            photo.key: ChosenPhoto(photo, self.description_of(photo), self.quarters_of(photo))
            for photo in self.existing
            if photo.key not in removed
        }

    def description_of(self, photo: Photo) -> str:
        posted = self.data.get(f"description_{photo.key}") if self.is_bound else None
        return photo.description if posted is None else tidy_description(posted)

    def quarters_of(self, photo: Photo) -> int:
        posted = read_quarters(self.data.get(f"quarters_{photo.key}", "")) if self.is_bound else 0
        return (posted + (self.arrangement == ("turn", photo.key))) % 4

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The photos that are here already, as the template shows them."""
        return [
            {
                "photo": chosen.picture,
                "chosen": chosen,
                "url": self.url_of(chosen.picture),
                "number": format_html("<span data-number>{}</span>", number),  # the script renumbers them
            }
            for number, chosen in enumerate(self.in_order(self.kept()), start=1)
        ]

    def url_of(self, photo: Photo) -> str:
        return reverse("pageant:draft_photo", args=[self.pageant.slug, self.draft.key, photo.key])

    # Their order

    @property
    def arrangement(self) -> tuple[str, str]:
        """The button that was pressed instead of sending the form, and the key of its photo; empty if it was sent."""
        act, _space, key = self.data.get("arrange", "").partition(" ") if self.is_bound else ("", "", "")
        return act, key

    @property
    def is_arranging(self) -> bool:
        return self.arrangement[0] != ""

    def in_order(self, photos: dict[str, ChosenPhoto]) -> list[ChosenPhoto]:
        ranks = {key: rank for rank, key in enumerate(self.order)}
        keys = sorted(photos, key=lambda key: ranks.get(key, len(ranks)))
        act, moved = self.arrangement
        if act == "move" and moved in keys:
            place = keys.index(moved)
            keys.insert(max(0, place - 1), keys.pop(place))
        return [photos[key] for key in keys]

    @property
    def photo_changes(self) -> PhotoChanges:
        return PhotoChanges(removed=self.removed, chosen=self.in_order({**self.kept(), **self.new}))

    # New photos

    @property
    def room(self) -> int:
        """How many more photos may be chosen."""
        return max(0, self.pageant.max_photos - len(self.kept()))

    @property
    def places(self) -> range:
        """The numbers of the photos that may still be chosen."""
        return range(self.pageant.max_photos - self.room + 1, self.pageant.max_photos + 1)

    @property
    def has_too_many(self) -> bool:
        """Whether more photos were chosen than there is room for: then none of them is decoded."""
        return len(self.files.getlist("photos")) > self.room

    def clean_photos(self) -> list[UploadedFile]:
        if self.has_too_many:
            raise self.too_many()
        files = self.cleaned_data["photos"]
        try:
            errors = list(self.decode(files))
        except TooBusy:
            self.is_too_busy, self.new = True, {}  # all of them will be sent again
            raise ValidationError(
                _(
                    "One moment, please: a lot of photos are arriving right now. We have not taken yours in yet; all "
                    "else that you entered is kept. Please choose them again and send the form in a few seconds."
                ),
                code="unread",
            ) from None
        if not errors and not self.new and not self.kept():
            errors = [ValidationError(_("Please choose at least one photo."), code="required")]
        if errors:
            raise ValidationError(errors)
        return files

    def too_many(self) -> ValidationError:
        return ValidationError(
            ngettext(
                "There is room for %(room)d photo, and you chose more. Please choose again; all else that you entered "
                "is kept.",
                "There is room for %(room)d photos, and you chose more. Please choose again; all else that you entered "
                "is kept.",
                self.room,
            ),
            code="too_many",
            params={"room": self.room},
        )

    def decode(self, files: list[UploadedFile]) -> Iterable[ValidationError]:
        descriptions = dict(enumerate(self.data.getlist("descriptions")))
        quarters = dict(enumerate(self.data.getlist("quarters")))
        existing = [chosen.picture for chosen in self.kept().values()]
        sent: list[Master] = []
        for number, file in enumerate(files):
            try:
                master = make_master(file, by=self.decoder)
            except PhotoRefused as refused:
                yield ValidationError("%(name)s: %(why)s", code="refused", params={"name": file.name, "why": refused})
                continue
            if any(photo.is_made_of(master) for photo in existing):
                continue  # sent again with a form that somebody has gone back to
            if master in sent:
                yield ValidationError(
                    _("%(name)s: You have already chosen this photo. The second copy was left out."),
                    code="twice",
                    params={"name": file.name},
                )
                continue
            sent.append(master)
            if turn := read_quarters(quarters.get(number, "")):
                master = turned(master.jpeg, turn)
            self.new[f"{self.NEW}{number}"] = ChosenPhoto(master, tidy_description(descriptions.get(number, "")))

    def forget_errors_of_words(self) -> None:
        """Drops errors of other fields: while somebody arranges photos, the form isn't being sent yet."""
        for name in self.errors.keys() - {"photos", NON_FIELD_ERRORS}:
            del self.errors[name]

    def keep_photos(self, *, network: str) -> None:
        """Puts the photos that were accepted into the draft, if it has room, so that nobody uploads twice."""
        Photo.objects.filter(key__in=[photo.key for photo in self.removed], draft__isnull=False).delete()
        for chosen in self.kept().values():
            if chosen.description != chosen.picture.description and chosen.picture.draft_id:
                Photo.objects.filter(pk=chosen.picture.pk).update(description=chosen.description)
        if self.new:
            masters, descriptions = zip(*((new.picture, new.description) for new in self.new.values()), strict=True)
            try:
                keys = [photo.key for photo in self.draft.keep(masters, descriptions, network=network)]
            except NoRoom:
                keys = []
                self.add_error("photos", ValidationError(NO_ROOM, code="no_room"))
            names = dict(zip(self.new, keys, strict=False))
            self.order = [names.get(key, key) for key in self.order]
            self.new = {}

    def make_helper(self) -> FormHelper:
        helper = super().make_helper()
        helper.attrs = {**helper.attrs, "data-upload": ""}
        return helper

    def fieldsets(self) -> list[Any]:
        return [DEFAULT_BUTTON, self.words_part(), self.photos_part(), POLICY_LINK, self.button()]

    def photos_part(self) -> Fieldset:
        return Fieldset(_("Your photos"), Field("photos", template="pageant/fields/photos.html"))
