"""The forms of the pageant: entering, editing, reporting."""

import re
from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Fieldset, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.fields import EmailField, LineField, ProseField
from core.pictures.masters import Master, PhotoRefused, make_master
from core.text import fold, has_hidden_characters, has_stacked_marks, tidy_line
from pageant.models import Draft, Entry, Pageant, Photo, Report
from pageant.sponsors import notices
from pageant.sponsors.notices import Notice
from privacy.forms import POLICY_LINK, NotedForm, plain_helper

MOST_HOBBIES = 10
LONGEST_HOBBY = 40  # characters
MOST_KNOWN = 12  # hobbies offered
LONGEST_DESCRIPTION = 200  # characters
NO = {"", "off", "false", "0"}  # what a box posts that isn't ticked, if it posts anything
SHARE = re.compile(r"share_.*", re.DOTALL)  # the boxes of co-sponsors


class HobbiesField(LineField):
    """Tags separated by commas; cleaned to a list of lower-case names without doubles."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(hobby) for hobby in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        names = dict.fromkeys(tidy_line(part).lower() for part in text.split(","))
        hobbies = [name for name in names if fold(name)]
        if len(hobbies) > MOST_HOBBIES:
            raise ValidationError(
                _("Please choose the %(most)d that you like best."),
                code="too_many",
                params={"most": MOST_HOBBIES},
            )
        if any(len(name) > LONGEST_HOBBY for name in hobbies):
            raise ValidationError(
                _("Please put commas between your hobbies, and keep each one short."), code="too_long"
            )
        return hobbies


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

    widget = PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"})

    def clean(self, data: list[UploadedFile] | None, initial: Any = None) -> list[UploadedFile]:
        return [file for file in data or [] if file]


def content_of(posted: QueryDict) -> str:
    return repr(sorted((name, values) for name, values in posted.lists() if name != "draft"))


class WordsForm(NotedForm, forms.ModelForm):
    """What an entry tells the public in words."""

    collects = {
        "display_name": "pageant.Entry.display_name",
        "lives_in": "pageant.Entry.lives_in",
        "favourite_food": "pageant.Entry.favourite_food",
        "hobbies": "pageant.Entry.hobbies",
        "about": "pageant.Entry.about",
    }

    display_name = LineField(
        label=_("Your name on the site"),
        max_length=60,
        help_text=_("Your own or a stage name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    lives_in = LineField(
        label=_("Where you live"),
        max_length=80,
        required=False,
        help_text=_("A town is enough: Đà Lạt, San Jose."),
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    favourite_food = LineField(label=_("Favourite food"), max_length=80, required=False)
    hobbies = HobbiesField(
        label=_("Hobbies"),
        max_length=500,
        required=False,
        help_text=_("With commas between them: singing, guitar."),
    )
    about = ProseField(
        label=_("A few words about you"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    class Meta:
        model = Entry
        fields = ["display_name", "lives_in", "favourite_food", "about"]

    def __init__(self, *args: Any, pageant: Pageant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pageant = pageant
        self.helper = self.make_helper()
        if self.instance.pk and not self.is_bound:
            self.initial["hobbies"] = list(self.instance.hobbies.all())

    def clean_display_name(self) -> str:
        name = self.cleaned_data["display_name"]
        if not fold(name):
            raise ValidationError(_("Please use at least one letter or digit."), code="no_letter")
        return name

    def make_helper(self) -> FormHelper:
        helper = FormHelper()
        helper.disable_csrf = True  # another site's posts are refused by CrossOriginMiddleware, which needs no cookie
        helper.attrs = {"novalidate": ""}
        helper.layout = Layout(*self.fieldsets())
        return helper

    def fieldsets(self) -> list[Any]:
        return [self.words_part(), POLICY_LINK, self.button()]

    def words_part(self) -> Fieldset:
        return Fieldset(_("About you"), "display_name", "lives_in", "favourite_food", *self.hobbies_field(), "about")

    def button(self) -> Submit:
        return Submit("send", _("Save"), css_id="send")

    def hobbies_field(self) -> list[Any]:
        """Known hobbies are offered as buttons by the script, and in words without it."""
        known = [tally.label for tally in self.pageant.tallies.most("hobby")[:MOST_KNOWN]]
        self.known_hobbies = ", ".join(known)
        return [
            Field("hobbies", data_known=",".join(known)),
            HTML("{% include 'pageant/fields/known_hobbies.html' with known=form.known_hobbies only %}"),
        ]


class ProfileForm(WordsForm):
    """What an entry tells the public. Photos that are fine are kept in a draft when something else is not.

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

    def new_with_descriptions(self) -> list[tuple[Master, str]]:
        return list(zip(self.masters, self.descriptions, strict=True))

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
                    "This pageant takes %(most)d photo. Further ones were left out.",
                    "This pageant takes up to %(most)d photos. Further ones were left out.",
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


NOTICES_CHANGED = _(
    "What a co-sponsor would get has changed since you opened this form. Please read it again; its boxes are off."
)


class EntryForm(ProfileForm):
    """Entering a pageant.

    Posted beside the fields: `share_<id>` for each co-sponsor that may get something, and `notices`, the signed digest
    of what was shown about them.
    """

    AGREED = ("is_adult", "owns_photos")

    collects = {
        **ProfileForm.collects,
        "email": "pageant.Entry.email",
        "is_adult": "pageant.Entry.is_adult",
        "owns_photos": "pageant.Entry.owns_photos",
    }

    email = EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    is_adult = forms.BooleanField(
        label=_("I am 18 or older."),
        error_messages={"required": _("Please tick this: only adults may enter.")},
    )
    owns_photos = forms.BooleanField(
        label=_("These pictures are mine, and everybody who can be recognised in them agrees to this."),
        error_messages={"required": _("Please tick this: we may only show what is yours to share.")},
    )

    class Meta(ProfileForm.Meta):
        fields = [*ProfileForm.Meta.fields, "email", "is_adult", "owns_photos"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.notices: list[Notice] = notices.notices_of(kwargs["pageant"])
        super().__init__(*args, **kwargs)
        self.shows_what_was_shown = not self.is_bound or self.compare_notices()

    def compare_notices(self) -> bool:
        """Whether the form was sent with just the notices that there are now."""
        boxes = {name for name in self.data if SHARE.fullmatch(name)}
        known = boxes <= {notice.name for notice in self.notices}
        return known and notices.were_shown(self.notices, self.data.get("notices", ""))

    def compare_again(self) -> bool:
        """The same once more, in the transaction that makes the entry."""
        self.notices = notices.notices_of(self.pageant)
        self.shows_what_was_shown = self.compare_notices()
        self.helper = self.make_helper()
        return self.shows_what_was_shown

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.shows_what_was_shown:
            self.add_error(None, ValidationError(NOTICES_CHANGED, code="notices"))
        return cleaned

    @property
    def notices_signed(self) -> str:
        return notices.sign(self.notices)

    def make_helper(self) -> FormHelper:
        """No browser may tick boxes by itself after a reload: the words beside them may be others by now.

        HTML has that for a whole form only, so the fields that may be remembered say so.
        """
        helper = super().make_helper()
        helper.attrs = {**helper.attrs, "autocomplete": "off"}
        for name in ("favourite_food", "hobbies", "about"):
            self.fields[name].widget.attrs["autocomplete"] = "on"
        return helper

    @property
    def promise(self) -> str:
        return notices.promise()

    @property
    def answers(self) -> list[tuple[Notice, bool]]:
        """To each notice, a yes only where its box was ticked below just these words."""
        return [
            (notice, self.is_bound and self.shows_what_was_shown and self.data.get(notice.name, "").lower() not in NO)
            for notice in self.notices
        ]

    def fieldsets(self) -> list[Any]:
        return [
            *self.sharing_part(),
            self.words_part(),
            self.photos_part(),
            self.agreement_part(),
            POLICY_LINK,
            self.button(),
        ]

    def sharing_part(self) -> list[Any]:
        """Empty if no co-sponsor may get anything."""
        if not self.notices:
            return []
        include = "{% include 'pageant/fields/notices.html' with form=form only %}"
        return [Fieldset(_("Before you begin: may a co-sponsor get something?"), HTML(include))]

    def words_part(self) -> Fieldset:
        part = super().words_part()
        part.fields.insert(part.fields.index("display_name") + 1, "email")
        return part

    def agreement_part(self) -> Fieldset:
        return Fieldset(
            _("Before you send it"),
            HTML("{% include 'pageant/enter_agreement.html' with form=form only %}"),
            *self.AGREED,
            HTML("{% include 'pageant/enter_next.html' %}"),
        )

    def button(self) -> Submit:
        return Submit("send", _("Enter the pageant"), css_id="send")

    @property
    def consent(self) -> str:
        """What sending the form agrees to."""
        return gettext(
            "By sending this you agree that everybody may see your name, where you live, your favourite food, hobbies, "
            "words and photos here, once our staff has looked at them. You can take that back at any time."
        )

    @property
    def agreed(self) -> str:
        """All the words that sending the form agrees to, to be kept with the entry."""
        return "\n".join([self.consent, *(str(self.fields[name].label) for name in self.AGREED)])


class EditForm(ProfileForm):
    """Changing an entry of one's own, on the person's page with that token."""

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        self.token = token
        super().__init__(*args, **kwargs)

    def address_of(self, photo: Photo) -> str:
        if photo.entry_id:
            return reverse("own:photo", args=[self.token, photo.key])
        return super().address_of(photo)


class ReportForm(NotedForm, forms.ModelForm):
    """Tells staff that something is wrong with an entry."""

    collects = {"reason": "pageant.Report.reason", "note": "pageant.Report.note"}

    reason = forms.ChoiceField(label=_("What is wrong?"), choices=Report.Reason, widget=forms.RadioSelect)
    note = ProseField(
        label=_("What should we know?"),
        max_length=1000,
        required=False,
        help_text=_("How you can be reached, if you like an answer."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = Report
        fields = ["reason", "note"]

    @property
    def helper(self) -> FormHelper:
        return plain_helper("reason", "note", button=_("Send"))
