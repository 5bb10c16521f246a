"""System checks: machines that serve one site share what they have to agree on."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as Reminder
from django.core.files.storage import FileSystemStorage

from core.file_storage import private_storage, public_storage

IN_MEMORY = {f"django.core.cache.backends.{name}Cache" for name in ("locmem.LocMem", "dummy.Dummy")}


@register("machines", deploy=True)
def check_machines(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """With MACHINE, the name of this one among several."""
    return list(what_is_not_shared()) if settings.MACHINE else []


def what_is_not_shared() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Reminder(
            "MACHINE says that this is one of several, but each has a database of its own.",
            hint="Set DATABASE_URL to the same PostgreSQL on all of them.",
            id="core.W001",
        )
    if settings.CACHES["default"]["BACKEND"] in IN_MEMORY:
        yield Reminder(
            "MACHINE says that this is one of several, but each has a cache of its own.",
            hint="Set CACHE_URL to the same Redis on all of them.",
            id="core.W002",
        )
    storages = [("MEDIA_STORAGE_URL", public_storage(), "W003"), ("PRIVATE_STORAGE_URL", private_storage(), "W004")]
    for name, storage, number in storages:
        if isinstance(storage, FileSystemStorage):
            yield Reminder(
                f"MACHINE says that this is one of several, but photos are in {storage.place} on its own disk.",
                hint=f"Set {name} to the same bucket on all of them, or ignore this if all of them share that folder.",
                id=f"core.{number}",
            )
