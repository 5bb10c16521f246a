"""The form for the photos of an entry, which takes several files and keeps those that were fine."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.pictures.masters import Master, PhotoRefused, make_master
from core.text import has_hidden_characters, has_stacked_marks, tidy_line
from pageant.forms.words import WordsForm
from pageant.models import Draft, Photo
from pageant.submission import PhotoChanges
from privacy.forms import POLICY_LINK

LONGEST_DESCRIPTION = 200  # characters


def tidy_description(text: str) -> str:
    """A description is a help and never a hindrance: characters that can't be kept are left out of it."""
    seen = "".join(character for character in text if not has_hidden_characters(character, prose=True))
    return "" if has_stacked_marks(seen) else tidy_line(seen)[:LONGEST_DESCRIPTION]


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/input.html"

    def value_omitted_from_data(self, data: QueryDict, files: MultiValueDict, name: str) -> bool:
        return False


class PhotosField(forms.FileField):
    """Any number of files; what they hold is for the form to judge, which knows how many may be there."""

    widget = PhotosInput(attrs={"accept": "image/*,.heic,.heif"})

    def clean(self, data: list[UploadedFile] | None, initial: Any = None) -> list[UploadedFile]:
        return [file for file in data or [] if file]


def content_of(posted: QueryDict) -> str:
    return repr(sorted((name, values) for name, values in posted.lists() if name != "draft"))


class PhotosForm(WordsForm):
    """The words of an entry and its photos. Photos that are fine are kept in a draft when something else is not.

    Posted beside the fields: `draft` (its key), `remove` (keys of photos), `descriptions` (of the new photos, in their
    order) and `description_<key>` (of the others).
    """

    collects = {**WordsForm.collects, "photos": "pageant.Photo.key"}

    photos = PhotosField(label=_("Photos"), required=False)

    def __init__(self, *args: Any, draft: Draft, **kwargs: Any) -> None:
        self.draft = draft
        self.masters: list[Master] = []  # of the new photos that are fine
        self.descriptions: list[str] = []  # of those, in the same order
        super().__init__(*args, **kwargs)

    @property
    def content(self) -> str:
        """What makes this form another one than one sent before with the same draft."""
        return content_of(self.data)

    @property
    def existing(self) -> list[Photo]:
        """The photos that are here already: of the entry when it is edited, and of the draft."""
        of_entry = list(self.instance.photos.all()) if self.instance.pk else []
        return of_entry + (list(self.draft.photos.all()) if self.draft.pk else [])

    @property
    def removed(self) -> list[Photo]:
        keys = set(self.data.getlist("remove")) if self.is_bound else set()
        return [photo for photo in self.existing if photo.key in keys]

    def kept_with_descriptions(self) -> list[tuple[Photo, str]]:
        removed = {photo.key for photo in self.removed}
        return [(photo, self.description_of(photo)) for photo in self.existing if photo.key not in removed]

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The photos that are here already, as the template shows them."""
        return [
            {"photo": photo, "description": text, "address": self.address_of(photo)}
            for photo, text in self.kept_with_descriptions()
        ]

    def address_of(self, photo: Photo) -> str:
        return reverse("pageant:draft_photo", args=[self.pageant.slug, self.draft.key, photo.key])

    @property
    def places(self) -> range:
        """One number for each photo that may still be chosen."""
        taken = len(self.kept_with_descriptions())
        return range(taken + 1, self.pageant.max_photos + 1)

    @property
    def photo_changes(self) -> PhotoChanges:
        new = list(zip(self.masters, self.descriptions, strict=True))
        return PhotoChanges(removed=self.removed, kept=self.kept_with_descriptions(), new=new)

    def description_of(self, photo: Photo) -> str:
        posted = self.data.get(f"description_{photo.key}") if self.is_bound else None
        return photo.description if posted is None else tidy_description(posted)

    @property
    def room(self) -> int:
        """How many more photos may be chosen."""
        return max(0, self.pageant.max_photos - len(self.kept_with_descriptions()))

    def clean_photos(self) -> list[UploadedFile]:
        files = self.cleaned_data["photos"]
        errors = [*self.refuse_too_many(files), *self.decode(files[: self.room])]
        if not errors and not self.masters and not self.kept_with_descriptions():
            errors = [ValidationError(_("Please choose at least one photo."), code="required")]
        if errors:
            raise ValidationError(errors)
        return files

    def refuse_too_many(self, files: list[UploadedFile]) -> Iterable[ValidationError]:
        if len(files) > self.room:
            most = self.pageant.max_photos
            yield ValidationError(
                ngettext(
                    "This pageant takes %(most)d photo. The others were left out.",
                    "This pageant takes up to %(most)d photos. The others were left out.",
                    most,
                ),
                code="too_many",
                params={"most": most},
            )

    def decode(self, files: list[UploadedFile]) -> Iterable[ValidationError]:
        texts = self.data.getlist("descriptions")
        for number, file in enumerate(files):
            text = tidy_description(texts[number]) if number < len(texts) else ""
            try:
                self.masters.append(make_master(file))
            except PhotoRefused as refused:
                yield ValidationError("%(name)s: %(why)s", code="refused", params={"name": file.name, "why": refused})
            else:
                self.descriptions.append(text)

    def keep_photos(self) -> None:
        """Puts the photos that were fine into the draft, so that nobody uploads twice."""
        Photo.objects.filter(key__in=[photo.key for photo in self.removed], draft__isnull=False).delete()
        for photo, text in self.kept_with_descriptions():
            if text != photo.description and photo.draft_id:
                Photo.objects.filter(pk=photo.pk).update(description=text)
        if self.masters:
            self.draft.keep(self.masters, self.descriptions)
            self.masters, self.descriptions = [], []

    def make_helper(self) -> FormHelper:
        helper = super().make_helper()
        helper.attrs = {**helper.attrs, "data-upload": ""}
        return helper

    def fieldsets(self) -> list[Any]:
        return [self.words_part(), self.photos_part(), POLICY_LINK, self.button()]

    def photos_part(self) -> Fieldset:
        return Fieldset(_("Your photos"), Field("photos", template="pageant/fields/photos.html"))
