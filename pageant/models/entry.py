"""Entries of a pageant and their hobbies."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.moderation import WAITS_FIRST, Refused, Status
from core.search import search_key
from core.submissions import Submission, SubmissionQuerySet
from core.text import fold
from core.vietnamese import sort_key, spelling
from pageant import mails
from pageant.models import card
from pageant.models.agreement import Agreement
from pageant.models.card import Card, CardIterable, entry_url
from pageant.models.pageant import Pageant, Tally
from pageant.models.photo import Photo
from pageant.sponsors.notices import Notice
from privacy.models import PolicyVersion

MOST_SEARCHED = 2_000  # bytes: PostgreSQL takes up to 2,704 into a row of an index


def hobby_key(name: str) -> str:
    return fold(name)[:40]  # folding may lengthen a text: ½ becomes 1 2


def hobby_spelling(name: str) -> str:
    return spelling(name)[:40]


def place_key(place: str) -> str:
    return fold(place)[:80]


class HobbyQuerySet(models.QuerySet):
    def named(self, names: Iterable[str]) -> "list[Hobby]":
        """The hobbies of those names, made where missing, and locked, so that no job sweeps one before it is used."""
        by_spelling = {hobby_spelling(name): name for name in names}
        hobbies: list[Hobby] = []
        while len(hobbies) < len(by_spelling):
            for key, name in sorted(by_spelling.items()):
                self._make(name, key)
            hobbies = list(self.select_for_update().filter(spelling__in=by_spelling).order_by("spelling"))
        return hobbies

    def _make(self, name: str, key: str) -> None:
        # A hobby without a spelling was made by older code, while the site was being updated.
        if not self.filter(spelling=key).exists() and not self.filter(spelling=None, name=name).update(spelling=key):
            self.get_or_create(spelling=key, defaults={"name": name})

    def sweep(self) -> None:
        """Deletes hobbies that no entry has. Locks them first, so that no entry takes one meanwhile."""
        with transaction.atomic():
            locked = [hobby.pk for hobby in self.select_for_update().order_by("name")]
            Hobby.objects.filter(pk__in=locked, entries=None).delete()


class Hobby(models.Model):
    """A tag that entrants share, written as the first of them did.

    Accents tell hobbies apart; case and the style of tone marks don't.
    """

    name = models.CharField(_("name"), max_length=40, unique=True, help_text=_("In lower case."))
    key = models.CharField(
        _("key"),
        max_length=40,
        db_index=True,
        editable=False,
        help_text=_("Without accents or capitals, for searching."),
    )
    spelling = models.CharField(
        max_length=40,
        null=True,  # until the site runs the code that fills it
        editable=False,
        help_text=_("The same for hòa and hoà, which are one word."),
    )

    objects = HobbyQuerySet.as_manager()

    class Meta:
        verbose_name = _("hobby")
        verbose_name_plural = _("hobbies")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["spelling"], condition=Q(spelling__isnull=False), name="pageant_hobby_one_per_spelling"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        self.key, self.spelling = hobby_key(self.name), hobby_spelling(self.name)
        super().save(**kwargs)


ASKED_AGAIN = {Status.WAITING, Status.APPROVED}  # for photos that are lost: only people who have confirmed get mails


class PhotoLost(Refused):
    message = _("A photo of this entry is lost. It can be approved once the entrant has sent it again.")


class EntryQuerySet(SubmissionQuerySet):
    def unpublished(self) -> Self:
        """The approved ones that can be shown and aren't yet."""
        return (
            self.settled()
            .filter(status=Status.APPROVED, published_at=None)
            .exclude(pk__in=Photo.objects.lost().entries())
        )

    def with_lost_photos(self) -> Self:
        return self.filter(pk__in=Photo.objects.lost().entries())

    def to_ask_for_photos(self, *, lost_before: datetime) -> Self:
        """Those whose people are to send a photo again: it was known to be lost by then, and they don't know yet."""
        photos = Photo.objects.to_ask_for().filter(lost_at__lte=lost_before)
        return self.filter(pk__in=photos.entries(), status__in=ASKED_AGAIN).exclude(email="")

    def cards(self) -> "QuerySet[Entry, Card]":
        """What cards show, and nothing else."""
        photos = FilteredRelation("photos", condition=Q(photos__position=1))
        rows: Any = self.annotate(first_photo=photos).values_list(*card.FIELDS, *card.COVER_FIELDS)
        rows._iterable_class = CardIterable
        return rows


class Entry(Submission):
    """A person's entry in a pageant."""

    RESTORED = (*Submission.RESTORED, "untold_since")
    TIME_TO_CONFIRM = timedelta(hours=72)

    class Reason(models.TextChoices):
        NOT_THEIRS = "not_theirs", _("A picture does not seem to be your own")
        UNSUITABLE = "unsuitable", _("A picture or text is not suitable for everybody")
        QUALITY = "quality", _("The pictures are too dark, too small or too blurred")
        UNDERAGE = "underage", _("Somebody in the pictures seems to be under 18")
        OFF_TOPIC = "off_topic", _("It does not fit this pageant's rules")
        OTHER = "other", _("Another reason")

    pageant = models.ForeignKey(Pageant, models.PROTECT, related_name="entries", verbose_name=_("pageant"))
    language = models.CharField(
        _("language"), max_length=5, help_text=_("The language it was entered in, and the one we reply in.")
    )
    display_name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(
        _("e-mail"), max_length=254, blank=True, help_text=_("Erased some time after the pageant.")
    )
    email_digest = models.CharField(
        max_length=64,
        db_index=True,
        editable=False,
        help_text=_("Lets its owner find the entry, even once the address is erased."),
    )
    lives_in = models.CharField(_("lives in"), max_length=80, blank=True)
    favourite_food = models.CharField(_("favourite food"), max_length=80, blank=True)
    hobbies = models.ManyToManyField(Hobby, blank=True, related_name="entries", verbose_name=_("hobbies"))
    about = models.TextField(_("about"), max_length=2000, blank=True)
    is_adult = models.BooleanField(_("confirms being 18 or older"))
    owns_photos = models.BooleanField(_("confirms owning the pictures"))
    place_key = models.CharField(
        max_length=80, blank=True, editable=False, help_text=_("Where they live, without accents or capitals.")
    )
    search_key = models.TextField(
        blank=True, editable=False, help_text=_("The searchable text, without accents or capitals.")
    )
    created_at = models.DateTimeField(_("entered"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    untold_since = models.DateTimeField(
        null=True, editable=False, help_text=_("Approved: the person is told once it is public.")
    )

    objects = EntryQuerySet.as_manager()

    class Meta(Submission.Meta):
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        permissions = [
            ("moderate_entry", _("Can decide on entries")),
            ("view_entry_email", _("Can view entrants' e-mail addresses")),
        ]
        constraints = [
            *Submission.Meta.constraints,
            models.UniqueConstraint(
                Lower("email"),
                "pageant",
                condition=~Q(status=Status.WITHDRAWN) & ~Q(email=""),
                name="pageant_entry_one_per_address",
            ),
            models.CheckConstraint(condition=~Q(email_digest=""), name="pageant_entry_owner_can_be_found"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(status=Status.APPROVED),
                name="pageant_entry_public_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.UNCONFIRMED, confirmed_at__isnull=True)
                | Q(status=Status.WITHDRAWN)
                | ~Q(status=Status.UNCONFIRMED) & Q(confirmed_at__isnull=False),
                name="pageant_entry_confirmed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["pageant", "published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="pageant_entry_gallery",
            ),
            models.Index(
                fields=["pageant", "place_key", "published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="pageant_entry_place",
            ),
            models.Index(
                fields=["published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="pageant_entry_newest",
            ),
            models.Index(
                fields=["place_key", "published_at", "id"],
                condition=Q(published_at__isnull=False),
                name="pageant_entry_place_newest",
            ),
            models.Index(Lower("email"), name="pageant_entry_email"),
            models.Index(fields=["status", "moved_at"], name="pageant_entry_queue"),
            models.Index(fields=["settles_at"], condition=Q(settles_at__isnull=False), name="pageant_entry_settling"),
            # The orders and filters of the staff's list
            models.Index(WAITS_FIRST, "moved_at", "id", name="pageant_entry_staff"),
            models.Index("pageant", WAITS_FIRST, "moved_at", "id", name="pageant_entry_staff_pageant"),
            models.Index("status", WAITS_FIRST, "moved_at", "id", name="pageant_entry_staff_status"),
            models.Index(F("status").desc(), WAITS_FIRST, "moved_at", "id", name="pageant_entry_staff_states"),
            models.Index(fields=["moved_at"], name="pageant_entry_staff_moved"),
            models.Index(fields=["display_name"], name="pageant_entry_staff_name"),
            models.Index(fields=["confirmed_at", "id"], name="pageant_entry_staff_new"),  # the card of new entries
            # For the purge, which asks each hour whether a pageant that has closed long ago still has one
            models.Index(fields=["pageant", "id"], condition=~Q(email=""), name="pageant_entry_with_address"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def save(self, **kwargs: Any) -> None:
        self.place_key = place_key(self.lives_in)
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return entry_url(self.pageant.slug, self.key)

    @property
    def tags(self) -> list[Hobby]:
        """The hobbies, in the order of the Vietnamese alphabet."""
        return sorted(self.hobbies.all(), key=lambda hobby: sort_key(hobby.name))

    @property
    def lost_photos(self) -> list[Photo]:
        return [photo for photo in self.photos.all() if photo.lost_at]

    @property
    def can_be_edited(self) -> bool:
        """Once the pageant has closed, only to send a photo again that we have lost."""
        return self.status != Status.WITHDRAWN and (self.pageant.is_open or bool(self.lost_photos))

    @property
    def can_be_corrected(self) -> bool:
        """Whether its words can be, once the pageant has closed: what is wrong about a person must not stay wrong."""
        return self.status != Status.WITHDRAWN and not self.can_be_edited

    def confirm(self) -> None:
        with transaction.atomic():
            self._move(Status.WAITING, allowed={Status.UNCONFIRMED}, confirmed_at=timezone.now())
            for photo in self.photos.all():
                Photo.objects.filter(pk=photo.pk).update(resembles=Photo.objects.resembling(photo))

    def approve(self, *, by: AbstractUser, undoable: bool = False) -> None:
        """Raises PhotoLost if not all of its photos can be shown."""
        lost = [photo for photo in self.photos.all() if photo.mark_if_lost()]  # looks at each
        if lost:
            raise PhotoLost
        super().approve(by=by, undoable=undoable)

    def ask_for_photos(self) -> bool:
        """Mails its person to send the lost photos again. Returns False if that was done before, or can't be."""
        with transaction.atomic():
            row = Entry.objects.select_for_update().filter(pk=self.pk, status__in=ASKED_AGAIN).exclude(email="").first()
            photos = row.photos.to_ask_for().update(asked_at=timezone.now()) if row else 0
            if row and photos:
                mails.send_photos_lost(row, photos)
            return photos > 0

    def touch(self) -> None:
        """Counts a change that a decision of staff doesn't depend on. Raises Outdated, like all verbs."""
        with transaction.atomic():
            self.revision = self._locked(allowed=set(Status) - {Status.WITHDRAWN}).revision + 1
            self.save(update_fields=["revision"])

    def agree_to_be_shown(self, text: str, *, at: datetime | None = None) -> None:
        """Records the words to which the entrant has agreed, and the policy in force."""
        self._write_down(kind=Agreement.Kind.SHOWING, text=text, given_at=at or timezone.now())

    def answer_notice(self, notice: Notice, *, agreed: bool, at: datetime | None = None) -> None:
        """Records what was shown about a co-sponsor, and the yes or no to it."""
        self._write_down(
            kind=Agreement.Kind.SHARING,
            cosponsorship=notice.cosponsorship,
            notice_version=notice.cosponsorship.version,
            fields=notice.cosponsorship.shared,
            agreed=agreed,
            text=notice.text,
            given_at=at or timezone.now(),
        )

    def _write_down(self, **fields: Any) -> None:
        policy = PolicyVersion.objects.published().values_list("number", flat=True).first()
        self.agreements.create(language=self.language, policy_number=policy, **fields)

    def index(self) -> None:
        """Updates the search key. To be called when its words or hobbies have changed."""
        words = search_key(self.display_name, self.lives_in, *self.hobbies.values_list("name", flat=True))
        self.search_key = words.encode()[:MOST_SEARCHED].decode(errors="ignore")
        self.save(update_fields=["search_key", "place_key"])

    def publish(self) -> bool:
        """Makes the public pictures of an approved entry, then shows it. Safe to repeat, to kill, and to race.

        Returns whether the entry is public because of this call.
        """
        if self.is_public or self.settles_at:
            return False
        pictures = list(self.photos.all())
        published = False
        try:
            for photo in pictures:
                photo.write_renditions()
            published = self._show()
        finally:
            # Withdrawn or erased while the pictures were made, perhaps along with their masters.
            if not published and not Entry.objects.settled().filter(pk=self.pk, status=Status.APPROVED).exists():
                for photo in pictures:
                    photo.delete_renditions()
        return published

    def _show(self) -> bool:
        with transaction.atomic():
            row = Entry.objects.select_for_update().filter(pk=self.pk).first()
            if row is None or row.status != Status.APPROVED or row.revision != self.revision or row.is_public:
                return False
            before = (self.earlier or {}).get("published_at")  # from before a rejection that was undone
            self.published_at = datetime.fromisoformat(before) if before else timezone.now()
            self.earlier = None
            if row.untold_since and row.email:  # else it has been erased since
                mails.send_decision(row)
            self.untold_since = None
            self.save(update_fields=["published_at", "earlier", "untold_since"])
            self.count(+1)
            return True

    def count(self, step: int) -> None:
        """Adds the entry to its pageant's counts (+1), or takes it out (-1)."""
        Pageant.objects.filter(pk=self.pageant_id).update(entry_count=F("entry_count") + step)
        groups = [
            (Tally.Kind.HOBBY, hobby_spelling(name), name) for name in self.hobbies.values_list("name", flat=True)
        ]
        if self.place_key:
            groups.append((Tally.Kind.PLACE, self.place_key, self.lives_in))
        for kind, key, label in sorted(groups):  # always in one order, so that two entries at once never deadlock
            tally, _created = Tally.objects.get_or_create(
                pageant_id=self.pageant_id, kind=kind, key=key, defaults={"label": label}
            )
            Tally.objects.filter(pk=tally.pk).update(entries=F("entries") + step)
            Tally.objects.filter(pk=tally.pk, entries__lte=0).delete()
        if step < 0 and self.place_key:
            self.relabel_place()

    def relabel_place(self) -> None:
        """Labels the place as its oldest entry that is still public spells it."""
        others = Entry.objects.public().filter(pageant_id=self.pageant_id, place_key=self.place_key)
        other = others.exclude(pk=self.pk).order_by("published_at").first()
        if other:
            tallies = Tally.objects.filter(pageant_id=self.pageant_id, kind=Tally.Kind.PLACE, key=self.place_key)
            tallies.update(label=other.lives_in)

    def decided(self) -> None:
        if self.status == Status.APPROVED:
            self.untold_since = timezone.now()  # until it is public: see `_show`
            self.save(update_fields=["untold_since"])
        elif self.email:  # else it has been erased since
            mails.send_decision(self)
        self._publish_once_committed()

    def undone(self) -> None:
        self._publish_once_committed()

    def moved(self, *, before: Self) -> None:
        if before.is_public:
            before.count(-1)
        if self.status == Status.WITHDRAWN:
            self.photos.all().delete()
            for agreement in self.agreements.in_force().select_related("cosponsorship", "entry").order_by("pk"):
                agreement.withdraw(at=self.withdrawn_at)
        elif before.status == Status.APPROVED:
            self._take_down_once_committed()

    def _publish_once_committed(self) -> None:
        """Publishes an approved entry, at once with WORK=inline; otherwise the worker finds it."""
        if settings.WORK == "inline" and self.status == Status.APPROVED:
            # robust: the approval stands even if a disk is full; the job tries again.
            transaction.on_commit(self.publish, robust=True)

    def _take_down_once_committed(self) -> None:
        pictures = list(self.photos.all())

        def delete() -> None:
            if not Entry.objects.public().filter(pk=self.pk).exists():  # else approved again meanwhile
                for photo in pictures:
                    photo.delete_renditions()

        transaction.on_commit(delete, robust=True)  # no page leads there, and the job that sweeps does it else

    def _move(self, to: Status, *, allowed: Collection[Status], **fields: Any) -> None:
        # No change leaves an entry public: an approval is published later, and what was public is taken down.
        if shown_at := fields.pop("published_at", None):  # undoing a rejection: it is shown once its pictures exist
            fields["earlier"] = {"published_at": shown_at.isoformat()}
        super()._move(to, allowed=allowed, **{"published_at": None, "untold_since": None, **fields})


@receiver(pre_delete, sender=Entry)
def take_out_of_sums(instance: Entry, **kwargs: Any) -> None:
    """Keeps the counts right, in the same transaction, however the row is deleted."""
    row = Entry.objects.select_for_update().filter(pk=instance.pk).first()
    if row and row.is_public:
        row.count(-1)
    instance.hobbies_left = list(instance.hobbies.values_list("pk", flat=True))


@receiver(post_delete, sender=Entry)
def forget_hobbies(instance: Entry, **kwargs: Any) -> None:
    """Deletes hobbies that only this entry had: such a word would tell of the person."""
    Hobby.objects.filter(pk__in=instance.hobbies_left).sweep()
