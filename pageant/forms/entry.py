"""The forms for entering a pageant, and for changing an entry of one's own."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import EmailField
from pageant.forms.photos import DEFAULT_BUTTON, PhotosForm
from pageant.models import Photo
from pageant.sponsors.notices import Notice, PostedAnswers, notices_of, promise, sign
from pageant.submission import EntrySubmission, NoticesChanged
from privacy.forms import POLICY_LINK


class EntryForm(PhotosForm):
    """Entering a pageant.

    Posted beside the fields: `share_<id>` for each co-sponsor that may receive data, and `notices`, the signed digest
    of the notices that were shown.
    """

    AGREED = ("is_adult", "owns_photos")

    collects = {
        **PhotosForm.collects,
        "email": "pageant.Entry.email",
        "is_adult": "pageant.Entry.is_adult",
        "owns_photos": "pageant.Entry.owns_photos",
    }

    email = EmailField(
        label=_("Your e-mail address"),
    )
    is_adult = forms.BooleanField(
        label=_("I am 18 or older."),
        error_messages={"required": _("Please tick this: only adults may enter.")},
    )
    owns_photos = forms.BooleanField(
        label=_("These pictures are mine, and everybody who can be recognised in them agrees to this."),
        error_messages={"required": _("Please tick this: we may only show what is yours to share.")},
    )

    class Meta(PhotosForm.Meta):
        fields = [*PhotosForm.Meta.fields, "email", "is_adult", "owns_photos"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.notices: list[Notice] = notices_of(kwargs["pageant"])
        super().__init__(*args, **kwargs)
        self.posted_answers = PostedAnswers.of(self.data)
        self.shows_what_was_shown = not self.is_bound or self.posted_answers.fit(self.notices)

    def show_new_notices(self) -> None:
        """After NoticesChanged: shows the current notices, with their boxes off."""
        self.notices = notices_of(self.pageant)
        self.shows_what_was_shown = False
        self.helper = self.make_helper()
        self.add_error(None, NoticesChanged.message)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.shows_what_was_shown:
            self.add_error(None, ValidationError(NoticesChanged.message, code="notices"))
        return cleaned

    @property
    def submission(self) -> EntrySubmission:
        """What the visitor sends. For a valid form only."""
        return EntrySubmission(
            words=self.words,
            photos=self.photo_changes,
            email=self.cleaned_data["email"],
            is_adult=self.cleaned_data["is_adult"],
            owns_photos=self.cleaned_data["owns_photos"],
            agreement=agreement_text(),
            answers=self.posted_answers,
            content=self.content,
        )

    @property
    def notices_signed(self) -> str:
        return sign(self.notices)

    def make_helper(self) -> FormHelper:
        """Keeps browsers from ticking the boxes of co-sponsors after a reload: the words beside them may have changed.

        HTML turns autocompletion off for a whole form only, so the fields that may be remembered turn it on again. That
        is not enough for what was typed to be there after going back, as it is where there are no such boxes.
        """
        helper = super().make_helper()
        if self.notices:
            helper.attrs = {**helper.attrs, "autocomplete": "off"}
            for name in ("favourite_food", "hobbies", "about"):
                self.fields[name].widget.attrs["autocomplete"] = "on"
        return helper

    @property
    def promise(self) -> str:
        return promise()

    @property
    def answers(self) -> list[tuple[Notice, bool]]:
        """The answer to each notice; a yes only if its box was ticked below these very words."""
        if self.shows_what_was_shown:
            return self.posted_answers.to(self.notices)
        return [(notice, False) for notice in self.notices]

    def fieldsets(self) -> list[Any]:
        return [
            DEFAULT_BUTTON,
            *self.sharing_part(),
            self.words_part(),
            self.photos_part(),
            self.agreement_part(),
            POLICY_LINK,
            self.button(),
        ]

    def sharing_part(self) -> list[Any]:
        """The co-sponsors' notices; empty if there are none."""
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
        return consent_text()


def consent_text() -> str:
    """What visitors agree to by sending the form."""
    return gettext(
        "By sending this you agree that everybody may see your name, where you live, your favourite food, hobbies, "
        "words and photos here, once our staff has looked at them. You can take that back at any time."
    )


def agreement_text() -> str:
    """All the words that visitors agree to by sending the form, in the active language; kept with the entry."""
    return "\n".join([consent_text(), *(str(EntryForm.base_fields[name].label) for name in EntryForm.AGREED)])


class EditForm(PhotosForm):
    """Changing one's own entry; `token` is that of the person's page."""

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        self.token = token
        super().__init__(*args, **kwargs)

    @property
    def is_of_now(self) -> bool:
        """Whether the entry is as it was when the form was opened; another tab, or staff, may have changed it."""
        return self.data.get("revision", str(self.instance.revision)) == str(self.instance.revision)

    @property
    def revision(self) -> str:
        """The one that the person has seen, also after photos were arranged."""
        return self.data.get("revision", "") if self.is_arranging else str(self.instance.revision)

    def url_of(self, photo: Photo) -> str:
        if photo.entry_id:
            return reverse("own:photo", args=[self.token, photo.key])
        return super().url_of(photo)
