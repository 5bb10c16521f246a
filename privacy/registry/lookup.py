"""Looks up the rows that are about a person, in every model that the registry knows."""

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet

from privacy.registry.declarations import REGISTRY
from privacy.registry.finders import Subject


def rows_of(model: type[models.Model], subject: Subject) -> QuerySet:
    """All rows of a model that are about the person; none if the registry has no way to find them."""
    declaration = REGISTRY.declarations.get(model)
    if declaration is None or declaration.found is None:
        return model._base_manager.none()
    rows = model._base_manager.filter(declaration.found.rows(model, subject, rows_of))
    if subject.before and declaration.made:
        rows = rows.filter(**{f"{declaration.made}__lt": subject.before})
    return rows


def history_of(subject: Subject) -> Q:
    """The entries in the admin's history about rows of the person."""
    about = Q(pk__in=())
    for model, declaration in REGISTRY.declarations.items():
        if declaration.found and declaration.label != "admin.LogEntry":
            ids = [str(pk) for pk in rows_of(model, subject).values_list("pk", flat=True)]
            if ids:
                about |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    return about
