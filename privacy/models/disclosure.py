"""The ledger's rows, and the pseudonyms of the people they are about."""

import secrets
from datetime import UTC
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.moderation import Refused
from privacy.policy.registry_diff import in_active_language
from privacy.registry.declarations import Text, in_words


class Recorded(Refused):
    """What was handed over stays on record."""

    message = _("This is in the ledger. It can be neither changed nor deleted.")


class DisclosureQuerySet(models.QuerySet):
    def in_order(self) -> Self:
        return self.order_by("number")

    # The database refuses this anyway (core/immutable_rows.py); these errors say why.

    def update(self, **fields: Any) -> int:
        raise Recorded

    update.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Recorded

    delete.alters_data = True
    delete.queryset_only = True


class Disclosure(models.Model):
    """One row of the ledger: data about somebody was handed over, or recalled. Names nobody but the recipient.

    Written by `privacy/sharing/ledger.py` alone, and never changed or deleted.
    """

    class Kind(models.TextChoices):
        HAND_OVER = "hand-over", _("handed over")
        RECALL = "recall", _("recalled")

    number = models.PositiveBigIntegerField(_("number"), unique=True, help_text=_("1, 2, 3 … without a gap."))
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    recipient = models.CharField(_("to whom"), max_length=200)
    recipient_address = models.CharField(_("their address"), max_length=500, help_text=_("Where to ask them about it."))
    about = models.CharField(pgettext_lazy("ledger", "about"), max_length=64, help_text=_("The name its app gives it."))
    fields = models.JSONField(_("fields"), help_text=_("The names used in the registry."))
    purpose = models.JSONField(_("what for"), help_text=_("In both languages."))
    pseudonym = models.CharField(
        _("pseudonym"), max_length=32, db_index=True, help_text=_("Whose data it was, for as long as they let us know.")
    )
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("handed over by"),
        null=True,
        related_name="+",
        help_text=_("Empty if the system recalled it."),
    )
    previous = models.CharField(_("previous hash"), max_length=64, blank=True, help_text=_("Empty in the first row."))
    hash = models.CharField(_("hash"), max_length=64, help_text=_("SHA-256 of all that, in canonical JSON."))

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("ledger of disclosures")
        ordering = ("-number",)
        indexes = [models.Index(fields=["about", "number"], name="privacy_disclosure_about")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="hand-over", handed_by__isnull=False) | Q(kind="recall"),
                name="privacy_disclosure_handed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    def save(self, **kwargs: Any) -> None:
        raise Recorded

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Recorded

    def hashed(self) -> dict[str, Any]:
        """See `core.hash_chain.Link`. Never changes, since the hashes of all rows rest on it."""
        return {
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": str(self.kind),
            "recipient": self.recipient,
            "recipient_address": self.recipient_address,
            "about": self.about,
            "fields": self.fields,
            "purpose": self.purpose,
            "pseudonym": self.pseudonym,
            "handed_by": self.handed_by_id,
            "previous": self.previous,
        }

    # Texts for people, named as Django names those of choices.

    def get_fields_display(self) -> list[Text]:
        return in_words(self.fields)

    def get_purpose_display(self) -> str:
        return in_active_language(self.purpose)


class Pseudonym(models.Model):
    """The only link between a person and the ledger. Once it is gone, nobody can tell whom the rows were about.

    Each recipient gets another one, so that two who compare their files learn nothing.
    """

    subject_digest = models.CharField(
        max_length=64, help_text=_("Keyed digest of the address: only somebody who knows the address can recognise it.")
    )
    about = models.CharField(max_length=64, help_text=_("The disclosures it is used for."))
    key = models.CharField(max_length=32, unique=True, help_text=_("128 random bits."))
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")
        constraints = [models.UniqueConstraint(fields=["subject_digest", "about"], name="privacy_pseudonym_once")]

    def __str__(self) -> str:
        return self.key[:8]

    @staticmethod
    def new_key() -> str:
        return secrets.token_hex(16)
