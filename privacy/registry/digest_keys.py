"""Which keys the digests of e-mail addresses in the database are made with, and new ones once a key was rotated.

Whoever loses a key that rows need loses their owners, silently: so the site doesn't start without it. A row can be
given the digest of another key only while its e-mail address is known; the others keep theirs until they are purged.
"""

from collections.abc import Iterator
from typing import TypeAlias

from django.conf import settings
from django.db import Error, IntegrityError, connection, models, transaction
from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Concat, Substr

from core.batches import batched, keys_of
from core.email_digest import DIGITS, email_digest, email_digests, key_id, keys
from privacy.models import DigestKey
from privacy.registry.declarations import REGISTRY
from privacy.registry.finders import ByDigest, ByEmail

BATCH = 500  # addresses or rows in memory at a time

OLDER = "of older versions' rows"  # in the place of a key's id, which these don't have

DigestColumn: TypeAlias = "tuple[type[models.Model], str]"


def digest_columns() -> Iterator[DigestColumn]:
    """The models that a digest finds, each with its column."""
    for declaration in REGISTRY.declarations.values():
        if isinstance(declaration.found, ByDigest):
            yield declaration.model, declaration.found.column


def address_columns() -> Iterator[tuple[type[models.Model], ByEmail]]:
    """The models that an e-mail address finds, each with its column."""
    for declaration in REGISTRY.declarations.values():
        found = declaration.found.address if isinstance(declaration.found, ByDigest) else declaration.found
        if isinstance(found, ByEmail):
            yield declaration.model, found


def both_columns() -> Iterator[tuple[type[models.Model], str, str]]:
    """The models that have both, with the columns of the digest and of the address."""
    for declaration in REGISTRY.declarations.values():
        found = declaration.found
        if isinstance(found, ByDigest) and found.address:
            yield declaration.model, found.column, found.address.column


# Keys that rows need


def record() -> None:
    """Notes that rows may need the keys in use: at first all, since nobody knows which they do; later SECRET_KEY.

    Not if one is missing: then SECRET_KEY is likely to be a wrong one, which no row should be said to need.
    """
    if missing():
        return
    in_use = keys() if not DigestKey.objects.exists() else keys()[:1]
    DigestKey.objects.bulk_create([DigestKey(key_id=key_id(key)) for key in in_use], ignore_conflicts=True)


def missing() -> list[str]:
    """The ids of keys that rows may need, and that the settings don't have."""
    recorded = list(DigestKey.objects.order_by("since").values_list("key_id", flat=True))
    if not recorded:
        return [OLDER] if older_rows_contradict() else []
    return [one for one in recorded if one not in set(map(key_id, keys()))]


def older_rows_contradict() -> bool:
    """Whether the newest row of an older version, of those with an address, has a digest of no key in use."""
    for model, column, address in both_columns():
        newest = unnamed(model, column).exclude(**{address: ""}).order_by("-pk").values_list(address, column).first()
        if newest and newest[1] not in email_digests(newest[0]):
            return True
    return False


def require() -> None:
    """Ends the process, in one line, if a key is missing; else records SECRET_KEY. Without a database, does nothing."""
    try:
        lacking = missing()
        if not lacking:
            record()
    except Error:
        return
    finally:
        connection.close()  # it may not pass into processes that are forked
    if lacking:
        raise SystemExit(f"vietmusic: {what_is_missing(lacking)}")


def what_is_missing(ids: list[str]) -> str:
    return (
        f"SECRET_KEY and SECRET_KEY_FALLBACKS lack the key {', '.join(ids)} (its digests begin with that), without "
        "which people cannot find what they sent. Add it to SECRET_KEY_FALLBACKS; `manage.py rotate_secret` says when "
        "it is no longer needed."
    )


# New digests


def rotate() -> int:
    """Gives the rows of all known e-mail addresses digests of SECRET_KEY. Returns how many rows it changed.

    Safe to stop and to repeat, while the site runs.
    """
    record()
    changed = name_all()
    changed += replace_by_own_address()
    for model, column in address_columns():
        for addresses in batched(filter(None, column.addresses(model)), BATCH):
            changed += replace({old: email_digest(one) for one in addresses for old in email_digests(one)})
    return changed


def replace_by_own_address() -> int:
    """Replaces digests of whatever key, even one that is lost, where the row itself has the address."""
    changed = 0
    for model, column, address in both_columns():
        rows = model._base_manager.exclude(**{f"{column}__startswith": f"{key_id(settings.SECRET_KEY)}."})
        rows = rows.exclude(**{address: ""})
        for pks in keys_of(rows, BATCH):
            pairs = rows.filter(pk__in=pks).values_list(column, address)
            changed += replace({digest: email_digest(email) for digest, email in pairs})
    return changed


def replace(digests: dict[str, str]) -> int:
    """Replaces digests, in all columns, by those that they map to. Returns in how many rows."""
    old = [digest for digest, new in digests.items() if digest != new]
    changed = 0
    for model, column in digest_columns():
        found = set(model._base_manager.filter(**{f"{column}__in": old}).values_list(column, flat=True))
        changed += replace_in(model, column, {digest: digests[digest] for digest in found})
    return changed


def replace_in(model: type[models.Model], column: str, digests: dict[str, str]) -> int:
    if not digests:
        return 0
    new = Case(*(When(**{column: one}, then=Value(digests[one])) for one in digests), output_field=CharField())
    try:
        with transaction.atomic():
            return model._base_manager.filter(**{f"{column}__in": digests}).update(**{column: new})
    except IntegrityError:  # somebody has rows of both keys, of which there may be but one: both are found
        if len(digests) == 1:
            return 0
        return sum(replace_in(model, column, {one: digests[one]}) for one in digests)


def name_all() -> int:
    """Puts the key's id before digests of older versions, if it can be but one key. Returns how many it changed."""
    if (
        missing()
        or settings.SECRET_KEY_FALLBACKS
        or DigestKey.objects.exclude(key_id=key_id(settings.SECRET_KEY)).exists()
    ):
        return 0
    prefix = Value(f"{key_id(settings.SECRET_KEY)}.")
    changed = replace_by_own_address()  # the others may be of a key that was let go long ago
    for model, column in digest_columns():
        for pks in keys_of(unnamed(model, column), BATCH):
            rows = unnamed(model, column).filter(pk__in=pks)
            changed += rows.update(**{column: Concat(prefix, Substr(column, 1, DIGITS))})
    return changed


def unnamed(model: type[models.Model], column: str) -> models.QuerySet:
    return model._base_manager.exclude(**{f"{column}__contains": "."}).exclude(**{column: ""})


# Until when a key is needed


def rows_that_need(key: str) -> dict[str, int]:
    """How many rows of each model need a key, by its id; those that may need any are of no key."""
    counts = {}
    for model, column in digest_columns():
        rows = model._base_manager.filter(**{f"{column}__startswith": f"{key}."}) if key else unnamed(model, column)
        counts[model._meta.label] = rows.count()
    return {label: count for label, count in counts.items() if count}


def forget_unneeded() -> dict[str, dict[str, int]]:
    """Forgets the older keys that no row needs. Returns which rows need the others, by the id of the key."""
    unclear = rows_that_need("")
    needed = {}
    for key in DigestKey.objects.exclude(key_id=key_id(settings.SECRET_KEY)).order_by("since"):
        rows = rows_that_need(key.key_id) or unclear
        if rows:
            needed[key.key_id] = rows
        else:
            key.delete()
    return needed
