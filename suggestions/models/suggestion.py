"""Suggested websites, which become listings of the directory once staff approve them."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.moderation import Outdated, Refused, Status
from core.search import search_key
from core.submissions import Submission, SubmissionQuerySet
from suggestions import mails
from suggestions.models import listing
from suggestions.models.abuse_report import Report
from suggestions.models.category import Category
from suggestions.models.listing import Listing, ListingIterable, ShownWebsite
from suggestions.website_url import MAX_LENGTH, WebsiteURL, confusable_skeleton

HERE = (Status.UNCONFIRMED, Status.WAITING, Status.APPROVED)  # statuses in which a URL must be unique
DERIVED = ("normal_url", "host", "skeleton", "search_key")  # computed from the fields below
WORDS = ("url", "title", "description", "category", "site_language")  # written by the sender, correctable by staff


class URLTaken(Refused):
    """Raised when another suggestion holds the URL."""

    message = _("There is already another suggestion with this address.")


class SuggestionQuerySet(SubmissionQuerySet):
    def here(self) -> Self:
        """Filters for suggestions that block others with the same URL."""
        return self.filter(status__in=HERE)

    def at(self, website_url: WebsiteURL) -> Self:
        return self.filter(normal_url=website_url.normal)

    def listings(self) -> "QuerySet[Suggestion, Listing]":
        """What the directory shows of them, and nothing else."""
        rows: Any = self.values_list(*listing.FIELDS)
        rows._iterable_class = ListingIterable
        return rows

    def silent(self) -> Self:
        """Filters for public listings that the link checker considers dead."""
        return self.public().filter(silent_since__isnull=False)

    def insecure(self) -> Self:
        """Filters for public listings that the link checker finds without a valid certificate or encryption."""
        return self.public().filter(insecure_since__isnull=False)

    def moving(self) -> Self:
        """Filters for public listings whose site says that it has moved permanently."""
        return self.public().exclude(proposed_url="")

    def lookalikes(self) -> Self:
        """Filters rows of `with_warnings` for those with `has_lookalike`.

        Looks at those alone whose skeleton several hosts have, which are few and which an index knows.
        """
        skeletons = Suggestion.objects.order_by().values("skeleton").annotate(first=Min("host"), last=Max("host"))
        shared = skeletons.filter(first__lt=F("last")).values("skeleton")
        return self.filter(skeleton__in=shared, has_lookalike=True)

    def due(self, now: datetime) -> Self:
        """Filters for public listings that are due for a link check, the longest due first."""
        return self.public().filter(next_check_at__lte=now).order_by("next_check_at", "pk")

    def with_warnings(self) -> Self:
        """Annotates what staff should know before deciding: has_lookalike, was_rejected, is_reported."""
        others = Suggestion.objects.exclude(pk=OuterRef("pk"))
        lookalikes = others.filter(skeleton=OuterRef("skeleton"), status__in=HERE).exclude(host=OuterRef("host"))
        refused = others.filter(normal_url=OuterRef("normal_url"), status=Status.REJECTED)
        return self.annotate(
            has_lookalike=Exists(lookalikes),
            was_rejected=Exists(refused),
            is_reported=Exists(Report.objects.open().filter(suggestion=OuterRef("pk"))),
        )


class Suggestion(ShownWebsite, Submission):
    """A suggested website. Once approved it is a listing of the directory."""

    class Reason(models.TextChoices):
        NOT_MUSIC = "not_music", _("It is not about music with ties to Vietnam")
        ADVERTISING = "advertising", _("It mainly sells or advertises something")
        UNSUITABLE = "unsuitable", _("It is not suitable for everybody")
        UNLAWFUL = "unlawful", _("It seems to share other people's work without permission")
        DEAD = "dead", _("It is unreachable or unfinished")
        DOUBLE = "double", _("It is already in the directory under another address")
        OTHER = "other", _("Another reason")

    class SiteLanguage(models.TextChoices):
        VIETNAMESE = "vi", _("Vietnamese")
        ENGLISH = "en", _("English")
        BOTH = "both", _("Vietnamese and English")
        OTHER = "other", _("another language")

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.WAITING, editable=False)

    # The sender
    name = models.CharField(_("name"), max_length=60, blank=True, help_text=_("Erased some time after the decision."))
    email = models.EmailField(
        _("e-mail"), max_length=254, blank=True, help_text=_("Erased some time after the decision.")
    )
    email_digest = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        editable=False,
        help_text=_("Lets the sender find the suggestion, as long as the name or the e-mail address is kept."),
    )
    show_name = models.BooleanField(_("name may be shown"), default=False)
    language = models.CharField(
        _("language"), max_length=5, default="en", help_text=_("The language of the form, and of our e-mails.")
    )
    is_untimed = models.BooleanField(
        _("no valid form timestamp"), default=False, editable=False, help_text=_("Typical of bots.")
    )

    # The website
    url = models.CharField(_("address"), max_length=MAX_LENGTH, help_text=_("As typed."))
    title = models.CharField(_("title"), max_length=100)
    description = models.TextField(_("description"), max_length=600)
    category = models.ForeignKey(Category, models.PROTECT, related_name="suggestions", verbose_name=_("category"))
    site_language = models.CharField(
        _("language of the site"), max_length=5, choices=SiteLanguage, default=SiteLanguage.VIETNAMESE
    )
    as_sent = models.JSONField(
        default=dict, blank=True, editable=False, help_text=_("The sender's text, where staff have changed it.")
    )

    # Derived from the fields above: see derive()
    normal_url = models.CharField(_("normalised address"), max_length=MAX_LENGTH, editable=False)
    host = models.CharField(_("host"), max_length=253, db_index=True, editable=False, help_text=_("In ASCII."))
    skeleton = models.CharField(max_length=253, db_index=True, editable=False)
    search_key = models.TextField(editable=False)

    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("added"), null=True, editable=False)
    corrected_at = models.DateTimeField(_("last corrected"), null=True, editable=False)

    # Written by suggestions/link_checker.py
    next_check_at = models.DateTimeField(_("next check"), default=timezone.now, editable=False)
    last_checked_at = models.DateTimeField(_("last checked"), null=True, editable=False)
    last_alive_at = models.DateTimeField(_("last reachable"), null=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("consecutive failures"), default=0, editable=False)
    first_failure_at = models.DateTimeField(_("failing since"), null=True, editable=False)
    silent_since = models.DateTimeField(_("considered dead since"), null=True, editable=False)
    insecure_since = models.DateTimeField(_("considered insecure since"), null=True, editable=False)
    problem = models.CharField(_("problem"), max_length=20, blank=True, editable=False)
    proposed_url = models.CharField(_("reported new address"), max_length=MAX_LENGTH, blank=True, editable=False)
    declined_url = models.CharField(max_length=MAX_LENGTH, blank=True, editable=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta(Submission.Meta):
        verbose_name = _("website")
        verbose_name_plural = _("websites")
        permissions = [
            ("moderate_suggestion", _("Can decide on websites")),
            ("view_suggestion_email", _("Can view submitters' e-mail addresses")),
        ]
        constraints = [
            *Submission.Meta.constraints,
            models.UniqueConstraint(
                fields=["normal_url"], condition=Q(status__in=HERE), name="suggestions_suggestion_one_per_address"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.APPROVED, published_at__isnull=False)
                | ~Q(status=Status.APPROVED) & Q(published_at__isnull=True),
                name="suggestions_suggestion_public_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, first_failure_at__isnull=True, silent_since__isnull=True)
                | Q(failures__gt=0, first_failure_at__isnull=False),
                name="suggestions_suggestion_failures_have_time",
            ),
        ]
        indexes = [
            models.Index(Lower("email"), name="suggestions_email"),
            models.Index(
                fields=["published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="suggestions_by_time",
            ),
            models.Index(
                fields=["category", "published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="suggestions_by_category",
            ),
            models.Index(
                fields=["site_language", "published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="suggestions_by_language",
            ),
            models.Index(
                fields=["next_check_at", "id"],
                condition=Q(published_at__isnull=False),
                name="suggestions_by_check",
            ),
            models.Index(fields=["normal_url"], name="suggestions_by_address"),
            models.Index(fields=["skeleton", "host"], name="suggestions_alike"),
            models.Index(fields=["status", "moved_at"], name="suggestions_by_status"),
            models.Index(fields=["settles_at"], condition=Q(settles_at__isnull=False), name="suggestions_settling"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Saves the suggestion and its derived fields. Raises URLRefused if its URL is not acceptable."""
        if update_fields is None or not set(WORDS).isdisjoint(update_fields):
            self.derive()
            update_fields = None if update_fields is None else {*update_fields, *DERIVED}
        super().save(update_fields=update_fields, **kwargs)

    def derive(self) -> None:
        """Recomputes the DERIVED fields by today's rules. Raises URLRefused."""
        website_url = self.website_url
        self.normal_url, self.host = website_url.normal, website_url.host
        self.skeleton = confusable_skeleton(self.host)
        self.search_key = search_key(self.title, self.description, self.shown_host)

    @property
    def website_url(self) -> WebsiteURL:
        return WebsiteURL.parse(self.url)

    @property
    def can_be_edited(self) -> bool:
        return self.status == Status.WAITING

    @property
    def words(self) -> dict[str, str]:
        """The values of WORDS as strings, in the shape of `as_sent`: the category is a primary key."""
        return {name: str(getattr(self, f"{name}_id" if name == "category" else name)) for name in WORDS}

    def says(self, **words: Any) -> bool:
        """Returns whether the fields already have these values."""
        return all(getattr(self, name) == value for name, value in words.items())

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What staff have changed: per field its name, the sender's text, and the text now."""
        now = self.words
        return [
            (str(self._meta.get_field(name).verbose_name), self.spelled(name, sent), self.spelled(name, now[name]))
            for name, sent in self.as_sent.items()
            if now.get(name, sent) != sent
        ]

    def spelled(self, name: str, value: str) -> str:
        """Returns a value from `words` as people read it."""
        if name == "category":
            return str(Category.objects.filter(pk=value).first() or "—")
        return str(dict(self.SiteLanguage.choices).get(value, value)) if name == "site_language" else value

    # Verbs

    def rewrite(self, **words: Any) -> None:
        """Changes a waiting suggestion for its sender. Raises Outdated if it no longer waits, and URLTaken."""
        with transaction.atomic(), claiming_url():
            self._locked(allowed={Status.WAITING})
            self.resubmit()
            for name, value in {**words, "as_sent": {}}.items():
                setattr(self, name, value)
            self.save(update_fields=[*words, "as_sent"])

    def correct(self, **changes: Any) -> None:
        with claiming_url():
            super().correct(**changes)

    def corrected(self, *, before: Self) -> None:
        self.corrected_at = timezone.now()
        Suggestion.objects.filter(pk=self.pk).update(corrected_at=self.corrected_at)
        if self.email_digest and not before.as_sent:
            self.as_sent = before.words
            Suggestion.objects.filter(pk=self.pk).update(as_sent=self.as_sent)
        if before.url != self.url:
            self.forget_checks()
        if before.is_public and before.category_id != self.category_id:
            before.count(-1)
            self.count(+1)

    def take_proposed(self, *, by: Any) -> None:
        """Accepts the new URL that the site reported. Raises Outdated if there is none."""
        if not self.proposed_url:
            raise Outdated
        self.correct(by=by, url=self.proposed_url)

    def decline_proposed(self) -> None:
        """Declines the new URL that the site reported, so that it is not proposed again."""
        Suggestion.objects.filter(pk=self.pk).exclude(proposed_url="").update(
            declined_url=F("proposed_url"), proposed_url=""
        )

    def forget_checks(self) -> None:
        """Resets the results of link checks, which say nothing about a new URL."""
        fresh = {
            "next_check_at": timezone.now(), "last_checked_at": None, "last_alive_at": None, "failures": 0,
            "first_failure_at": None, "silent_since": None, "insecure_since": None, "problem": "", "proposed_url": "",
            "declined_url": "",
        }  # fmt: skip
        for name, value in fresh.items():
            setattr(self, name, value)
        Suggestion.objects.filter(pk=self.pk).update(**fresh)

    def decided(self) -> None:
        if self.email:
            mails.send_decision(self)

    def moved(self, *, before: Self) -> None:
        if before.is_public:
            before.count(-1)
        if self.is_public:
            self.count(+1)
            self.forget_checks()

    def count(self, step: int) -> None:
        """Adds `step` (+1 or -1) to the category's number of websites."""
        Category.objects.filter(pk=self.category_id).update(websites=F("websites") + step)

    def _move(self, to: Status, *, allowed: Collection[Status], **fields: Any) -> None:
        published_at = timezone.now() if to == Status.APPROVED else None
        with claiming_url():
            super()._move(to, allowed=allowed, **{"published_at": published_at, **fields})


@contextmanager
def claiming_url() -> Iterator[None]:
    """Turns a violation of the unique URL into URLTaken, since only the database can decide between two requests."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if is_url_conflict(error):
            raise URLTaken from error
        raise


def is_url_conflict(error: IntegrityError) -> bool:
    """Returns whether an error is about the unique URL: SQLite names the column, PostgreSQL the constraint."""
    return "normal_url" in str(error) or "one_per_address" in str(error)


@receiver(pre_delete, sender=Suggestion)
def uncount_deleted(instance: Suggestion, **kwargs: Any) -> None:
    """Keeps the category's number of websites right, in the same transaction, however the row is deleted."""
    row = Suggestion.objects.select_for_update().filter(pk=instance.pk).first()
    if row and row.is_public:
        row.count(-1)
