"""A person's data across all apps, as the registry declares it."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from privacy.finding import Subject
from privacy.registry import REGISTRY


def rows_of(model: type[Model], subject: Subject) -> QuerySet:
    """All rows of a model that are about the person; none where nobody can tell."""
    declaration = REGISTRY.declarations.get(model)
    if declaration is None or declaration.found is None:
        return model._base_manager.none()
    return model._base_manager.filter(declaration.found.rows(model, subject))


def history_of(subject: Subject) -> Q:
    """The entries in the admin's history about rows of the person."""
    about = Q(pk__in=())
    for model, declaration in REGISTRY.declarations.items():
        if declaration.found and declaration.label != "admin.LogEntry":
            ids = [str(pk) for pk in rows_of(model, subject).values_list("pk", flat=True)]
            if ids:
                about |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    return about
