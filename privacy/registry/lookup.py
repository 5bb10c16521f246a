"""Looks up the rows that are about a person, in every model that the registry knows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet

from privacy.registry.declarations import REGISTRY
from privacy.registry.finders import RowsOf, Subject


def rows_of(model: type[models.Model], subject: Subject, look_up: RowsOf | None = None) -> QuerySet:
    """All rows of a model that are about the person; none if the registry has no way to find them.

    Rows of other models, by which they are found, come from `look_up`, by default from this function.
    """
    declaration = REGISTRY.declarations.get(model)
    if declaration is None or declaration.found is None:
        return model._base_manager.none()
    rows = model._base_manager.filter(declaration.found.rows(model, subject, look_up or rows_of))
    if subject.before and declaration.made:
        rows = rows.filter(**{f"{declaration.made}__lt": subject.before})
    return rows


def lookup_of(subject: Subject) -> Callable[[type[models.Model]], QuerySet]:
    """Like `rows_of` for one person, but asks the database once for each model, however many others it leads to."""

    @cache
    def look_up(model: type[models.Model], subject: Subject) -> QuerySet:
        return rows_of(model, subject, look_up).order_by("pk")

    return lambda model: look_up(model, subject)


@dataclass(frozen=True)
class ByHistory:
    """Finds the entries in the admin's history about rows of the person."""

    def rows(self, model: type[models.Model], subject: Subject, rows_of: RowsOf) -> Q:
        about = Q(pk__in=())
        for other, declaration in REGISTRY.declarations.items():
            if declaration.found and other is not model:
                ids = [str(row.pk) for row in rows_of(other, subject)]
                if ids:
                    about |= Q(content_type=ContentType.objects.get_for_model(other), object_id__in=ids)
        return about
