"""Stored normal forms after a change of the rules: what `migrate` brings up to date, and what the command names."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command

from suggestions.models import Suggestion
from suggestions.website_url import WebsiteURL
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db

normalise = import_module("suggestions.migrations.0006_normal_forms").normalise


def make_old(url: str, normal: str, **fields: str) -> Suggestion:
    """A website whose normal form is as the rules once were."""
    row = make_website(**fields)
    Suggestion.objects.filter(pk=row.pk).update(url=url, normal_url=normal)
    return row


def normal_forms() -> dict[str, str]:
    return dict(Suggestion.objects.values_list("url", "normal_url"))


OLD = {
    "https://a.example/#/songs/": "a.example",
    "b.example/x#!/nhạc%7e%c3": "b.example/x",
    "https://c.example/#top": "c.example",
    "https://d.example/#/": "d.example",
    "https://e.example/a%20b?q=a b%2B": "e.example/a%20b?q=a%20b%2B",
    "https://f.example/?q=a+b#/c": "f.example?q=a+b",
}


def test_migration_writes_what_the_rules_say_now():
    for url, normal in OLD.items():
        make_old(url, normal)

    for _time in range(2):
        normalise(apps, None)
        assert normal_forms() == {url: WebsiteURL.parse(url).normal for url in OLD}


def test_website_that_has_become_anothers_double_keeps_its_form_and_is_named(capsys):
    make_website(url="https://a.example/?q=a+b")
    double = make_old("https://a.example/?q=a%20b", "a.example?q=a%20b")
    make_old("https://a.example/?q=a b", "a.example?q=a%20b", status="rejected")

    normalise(apps, None)
    call_command("normalise_websites")

    assert list(Suggestion.objects.order_by("pk").values_list("normal_url", flat=True)) == [
        "a.example?q=a+b", "a.example?q=a%20b", "a.example?q=a+b",
    ]  # fmt: skip
    assert capsys.readouterr().err == f"Website {double.pk}: another one has that URL now. Please reject one of them.\n"


def test_pages_that_scripts_route_stand_beside_their_home_page():
    for path in ("", "#/songs", "#!songs"):
        make_website(url=f"https://a.example/{path}")

    assert Suggestion.objects.public().count() == 3
