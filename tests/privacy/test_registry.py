"""The registry is whole, and `manage.py check` sees to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import models
from django.utils import translation

from pageant.forms import EditForm, EntryForm, ReportForm, WordsForm
from pageant.models import Entry, Photo
from privacy.checks import check_declaration
from privacy.forms import QuestionForm, YourLinkForm
from privacy.registry import declarations
from privacy.registry.declarations import REGISTRY, Erasing, data, fields_in, note
from privacy.registry.purposes import PAGEANT, PURPOSES, Audience, Purpose
from privacy.registry.retention import Keep, Lasting, Swept, WithParent, spell
from tests.privacy.rows import MAKERS

MODELS = sorted(apps.get_models(), key=lambda model: model._meta.label)


def found() -> list[tuple[object, str]]:
    return [(message.obj, message.id) for message in run_checks(tags=["privacy"]) if message.id != "privacy.W001"]


@contextmanager
def one_more_field(model: type[models.Model]) -> Iterator[None]:
    field = models.CharField(max_length=10)
    field.contribute_to_class(model, "newcomer")
    try:
        yield
    finally:
        model._meta.local_fields.remove(field)
        model._meta._expire_cache()
        delattr(model, "newcomer")


def test_registry_as_it_is_has_no_gap():
    assert found() == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_field_that_nobody_declared_is_an_error_in_any_model(model):
    with one_more_field(model):
        assert found() == [(model, "privacy.E001")]
    assert found() == []


def test_check_fails_until_a_new_field_is_declared():
    with one_more_field(Photo):
        with pytest.raises(SystemCheckError, match=r"newcomer tells about people[\s\S]*pageant/personal_data.py"):
            call_command("check", tags=["privacy"])
        declared = REGISTRY.declarations[Photo]
        REGISTRY.declarations[Photo] = replace(declared, impersonal=declared.impersonal | {"newcomer"})
        try:
            call_command("check", tags=["privacy"])
        finally:
            REGISTRY.declarations[Photo] = declared


def test_declaration_without_a_field_is_an_error():
    declared = REGISTRY.declarations[Photo]
    REGISTRY.declarations[Photo] = replace(declared, impersonal=declared.impersonal | {"gone"})
    try:
        assert found() == [(Photo, "privacy.E002")]
    finally:
        REGISTRY.declarations[Photo] = declared


def test_field_that_is_declared_twice_is_an_error():
    declared = REGISTRY.declarations[Photo]
    REGISTRY.declarations[Photo] = replace(declared, impersonal=declared.impersonal | {"colour"})
    try:
        assert found() == [(Photo, "privacy.E003")]
    finally:
        REGISTRY.declarations[Photo] = declared


A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "keep",
    [
        Keep(A_DAY, "no_such_moment", "x"),
        Keep(A_DAY, "pageant__no_such_moment", "x"),
        Keep(A_DAY, "display_name", "x"),
        WithParent("no_such_parent", "x"),
        WithParent("decided_by", "x"),  # protected, and so never deleted with it
        WithParent("display_name", "x"),
        Swept("pageant.jobs.no_such_job", "x"),
    ],
    ids=str,
)
def test_retention_that_nothing_enforces_is_an_error(keep):
    declared = replace(REGISTRY.declarations[Entry], keep=(keep,))

    assert [message.id for message in check_declaration(declared)] == ["privacy.E008"]


@pytest.mark.parametrize("keep", [WithParent("pageant", "x"), Lasting("x")], ids=["parent", "for good"])
def test_field_that_nothing_blanks_is_an_error(keep):
    one = data("email", what="x", purposes=[PAGEANT], seen_by=Audience.NOBODY, keep=[keep])

    declared = replace(REGISTRY.declarations[Entry], data=(one,))

    assert [message.id for message in check_declaration(declared)] == ["privacy.E008"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"keep": ()}, ["privacy.E004"]),
        ({"found": None}, ["privacy.E005"]),
        ({"data": (data("about", what="x", purposes=[], seen_by=Audience.PUBLIC),)}, ["privacy.E007"]),
        (
            {"data": (data("about", what="x", purposes=[Purpose("mine", "x", "x")], seen_by=Audience.PUBLIC),)},
            ["privacy.E007"],
        ),
        (
            {"data": (data("about", what="x", purposes=[PAGEANT], seen_by=Audience.PUBLIC, erasing=Erasing.STAY),)},
            ["privacy.E006"],
        ),
        (
            {"data": (data("is_adult", what="x", purposes=[PAGEANT], seen_by=Audience.PUBLIC, erasing=Erasing.BLANK),)},
            ["privacy.E009"],
        ),
    ],
    ids=["how long", "how found", "no purpose", "a purpose of its own", "stays without reason", "can't be blank"],
)
def test_declaration_with_a_gap_is_an_error(change, expected):
    assert [message.id for message in check_declaration(replace(REGISTRY.declarations[Entry], **change))] == expected


def test_every_kind_of_personal_data_has_rows_in_the_tests():
    assert sorted(MAKERS) == sorted(declaration.label for declaration in REGISTRY.declarations.values())


def test_purposes_are_known_by_their_keys():
    assert [key for key, purpose in PURPOSES.items() if purpose.key != key] == []


@pytest.mark.parametrize(
    ("period", "english", "vietnamese"),
    [
        (timedelta(hours=1), "1 hour", "1 giờ"),
        (timedelta(hours=23), "23 hours", "23 giờ"),
        (timedelta(hours=72), "72 hours", "72 giờ"),
        (timedelta(days=7), "7 days", "7 ngày"),
        (timedelta(days=90), "90 days", "90 ngày"),
        (timedelta(days=365), "1 year", "1 năm"),
        (timedelta(days=1095), "3 years", "3 năm"),
    ],
    ids=str,
)
def test_period_is_spelled_in_both_languages(period, english, vietnamese):
    assert spell(period) == english
    with translation.override("vi"):
        assert spell(period) == vietnamese


# What forms say


def test_note_says_who_sees_a_field_and_when_it_is_erased():
    assert note("pageant.Entry", "display_name") == "Everybody will see this."
    assert note("pageant.Entry", "email") == (
        "Never shown; only our privacy officers can see it. Erased 90 days after the pageant has closed."
    )


@pytest.mark.parametrize(
    "form", [EntryForm, EditForm, WordsForm, ReportForm, YourLinkForm, QuestionForm], ids=lambda form: form.__name__
)
def test_form_says_what_becomes_of_each_field(form):
    assert sorted(form.collects) == sorted(form.base_fields)
    for kept_as in form.collects.values():
        label, _dot, name = kept_as.rpartition(".")
        assert name in fields_in(apps.get_model(label))


def test_form_follows_the_registry():
    declared = REGISTRY.declarations[Entry]
    changed = tuple(
        replace(one, seen_by=Audience.PUBLIC, keep=()) if "email" in one.fields else one for one in declared.data
    )
    REGISTRY.declarations[Entry] = replace(declared, data=changed)
    try:
        assert declarations.note("pageant.Entry", "email") == "Everybody will see this."
    finally:
        REGISTRY.declarations[Entry] = declared
