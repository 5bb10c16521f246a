"""Co-sponsorships of a pageant, and which fields of entries they may receive."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.kept_pages.making import changes_at
from core.moderation import Refused
from core.text import tidy_line
from core.translated_fields import Localized
from pageant.models.agreement import Agreement
from pageant.models.pageant import Pageant
from privacy.registry.declarations import REGISTRY

ENTRY = "pageant.Entry"
STEPS = (1000, 500, 200, 100, 50, 20, 10)  # how many agreed is rounded down to these, so that no single person shows
WEB = URLValidator(schemes=["http", "https"])


def shareable() -> dict[str, str | Promise]:
    """The fields of an entry that a co-sponsor may ever receive, by the registry, and what each one is."""
    return {name: data.what for data in REGISTRY.find(ENTRY).data if data.shareable for name in data.fields}


def shareable_only(names: Any) -> None:
    """Validates a list of fields. Raises ValidationError."""
    if not isinstance(names, list) or not names:
        raise ValidationError(_("Choose at least one field."), code="required")
    if len(set(names)) < len(names) or not set(names) <= set(shareable()):
        raise ValidationError(_("Only what the registry calls shareable can be shared."), code="not_shareable")


class Sealed(Refused):
    """People rely on what they were shown: a co-sponsorship can only be ended once its pageant has opened."""

    message = _("The pageant has opened: this co-sponsorship can only be ended.")


def today() -> date:
    day = timezone.localdate()
    changes_at(timezone.make_aware(datetime.combine(day + timedelta(days=1), time())))
    return day


class CosponsorshipQuerySet(models.QuerySet):
    def in_force(self, day: Any = None) -> Self:
        """Filters for those that are agreed on for a day, today by default."""
        return self.filter(ended_at=None, ends_on__gte=today() if day is None else day)

    def counted(self) -> Self:
        """Annotates `at_least`: how many have agreed, rounded down to one of STEPS, or None below the least.

        Reads no more rows than the greatest step, however many there are.
        """
        agreed = Agreement.objects.in_force().filter(cosponsorship=OuterRef("pk")).order_by()
        whens = [models.When(Exists(agreed[step - 1 : step]), then=models.Value(step)) for step in STEPS]
        return self.annotate(at_least=models.Case(*whens, default=None, output_field=models.IntegerField()))


class Cosponsorship(models.Model):
    """A co-sponsor of one pageant, and which fields of entries it may receive from people who agree."""

    pageant = models.ForeignKey(Pageant, models.PROTECT, related_name="cosponsorships", verbose_name=_("pageant"))
    sponsor_name = models.CharField(_("co-sponsor"), max_length=100)
    sponsor_url = models.URLField(
        _("website"),
        max_length=500,
        validators=[WEB],
        help_text=_("Where people can ask the co-sponsor about their data."),
    )
    policy_url = models.URLField(_("privacy policy"), max_length=500, validators=[WEB])
    contact_email = models.EmailField(
        _("e-mail address"),
        max_length=254,
        help_text=_("Where we write when somebody withdraws their consent. Never shown."),
    )
    purpose_en = models.TextField(_("purpose, in English"), max_length=500)
    purpose_vi = models.TextField(_("purpose, in Vietnamese"), max_length=500)
    fields = models.JSONField(_("fields"), validators=[shareable_only])
    ends_on = models.DateField(
        _("until"), help_text=_("The last day on which we hand anything over, and on which the co-sponsor may use it.")
    )
    version = models.PositiveIntegerField(
        _("version"), default=1, editable=False, help_text=_("Goes up with each change.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("ended by"),
        null=True,
        editable=False,
        related_name="+",
    )

    purpose = Localized()
    at_least: int | None  # with `counted()`

    objects = CosponsorshipQuerySet.as_manager()

    TERMS = (
        "pageant_id", "sponsor_name", "sponsor_url", "policy_url", "contact_email", "purpose_en", "purpose_vi",
        "fields", "ends_on",
    )  # fmt: skip

    class Meta:
        verbose_name = _("co-sponsorship")
        verbose_name_plural = _("co-sponsorships")
        ordering = ("pk",)
        permissions = [("hand_over_cosponsorship", _("Can hand data over to a co-sponsor"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="pageant_cosponsorship_ended_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sponsor_name}: {self.pageant}"

    @transaction.atomic
    def save(self, **kwargs: Any) -> None:
        """Raises ValidationError for fields that aren't shareable, and Sealed for a change that comes too late."""
        shareable_only(self.fields)
        self.sponsor_name = tidy_line(self.sponsor_name)  # it stands in the subjects of mails
        before = Cosponsorship.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
        if before and any(getattr(before, name) != getattr(self, name) for name in self.TERMS):
            if before.is_sealed:
                raise Sealed
            self.version = before.version + 1
        super().save(**kwargs)

    def clean(self) -> None:
        """Refuses a pageant that has opened. For the admin only; code may still make one."""
        if self.ended_at is None and self.pageant_id and not self.pageant.is_upcoming:
            raise ValidationError(
                {"pageant": _("This pageant has already opened. People have entered without seeing this notice.")}
            )

    def end(self, *, by: AbstractUser) -> bool:
        """Ends it: nobody is asked and nothing is handed over any more. Returns False if it had already ended."""
        now = timezone.now()
        ended = bool(Cosponsorship.objects.filter(pk=self.pk, ended_at=None).update(ended_at=now, ended_by=by))
        self.refresh_from_db(fields=["ended_at", "ended_by"])
        return ended

    @property
    def is_in_force(self) -> bool:
        return self.ended_at is None and today() <= self.ends_on

    @property
    def is_sealed(self) -> bool:
        """Whether people may have seen it already."""
        return self.ended_at is not None or not self.pageant.is_upcoming or self.agreements.exists()

    @property
    def about(self) -> str:
        """Its name on the ledger."""
        return f"cosponsorship:{self.pk}"

    @classmethod
    def named(cls, about: str) -> Self | None:
        """The co-sponsorship of that name on the ledger, or None."""
        kind, _colon, pk = about.partition(":")
        return cls.objects.filter(pk=pk).first() if kind == "cosponsorship" else None

    @property
    def purposes(self) -> dict[str, str]:
        return {"en": self.purpose_en, "vi": self.purpose_vi}

    @property
    def shared(self) -> list[str]:
        """Its fields that the registry calls shareable today, in the registry's order."""
        return [name for name in shareable() if name in self.fields]

    @property
    def fields_in_words(self) -> list[str]:
        return words_for(self.shared)


def words_for(names: Iterable[str]) -> list[str]:
    labels = shareable()
    return [str(labels[name]) for name in names if name in labels]
