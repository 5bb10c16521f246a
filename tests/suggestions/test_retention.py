"""How long what is known about who suggests a website is kept; erasing it; and rules that change."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from core.moderation import OwnSubmission
from demo.suggestions import content
from privacy.registry.finders import Subject
from privacy.rights import erasure
from privacy.rights.purge import purge
from suggestions.models import Category, Suggestion
from tests.core.factories import make_staff
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db


def after(days: float) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        purge()


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_name_and_address_go_30_days_after_the_decision(status, staff):
    row = make_website(status="waiting", email="anh@example.com", name="Ánh")
    row.correct(by=staff, title="Other")
    row.approve(by=staff) if status == "approved" else row.reject(by=staff, reason="other")
    after(29.9)
    assert Suggestion.objects.get().email == "anh@example.com"
    after(30.1)

    row = Suggestion.objects.get()
    assert (row.name, row.email, row.email_digest, row.as_sent) == ("", "", "", {})
    assert (row.status, row.title, row.is_public) == (status, "Other", status == "approved")
    assert list(Suggestion.objects.of("anh@example.com")) == []


def test_name_stays_beside_a_listing_for_who_wished_it_and_its_owner_finds_it():
    make_website(email="anh@example.com", name="Ánh", show_name=True)
    after(1000)

    row = Suggestion.objects.get()
    assert (row.credit, row.email) == ("Ánh", "")
    assert list(Suggestion.objects.of("anh@example.com")) == [row]


def test_own_listing_is_left_to_others_after_the_address_is_erased(staff):
    make_website(email="ANH@example.com", show_name=True)
    after(31)
    staff.email = "anh@Example.com"
    row = Suggestion.objects.get()

    assert row.email == ""
    with pytest.raises(OwnSubmission):
        row.reject(by=staff, reason="dead")
    with pytest.raises(OwnSubmission):
        row.correct(by=staff, title="Other")


def test_listing_without_an_address_can_be_decided_and_corrected(staff, mailoutbox, django_capture_on_commit_callbacks):
    make_website()
    after(31)
    with django_capture_on_commit_callbacks(execute=True):
        Suggestion.objects.get().correct(by=staff, title="Other")
        Suggestion.objects.get().reject(by=staff, reason="dead")

    row = Suggestion.objects.get()
    assert (row.status, row.email_digest, row.as_sent, mailoutbox) == ("rejected", "", {}, [])


@pytest.mark.parametrize(("status", "days"), [("waiting", 365), ("withdrawn", 30), ("rejected", 365)])
def test_rows_that_are_not_listed_go(status, days):
    make_website(status=status)
    after(days - 0.1)
    assert Suggestion.objects.count() == 1
    after(days + 0.1)
    assert Suggestion.objects.count() == 0


def test_waiting_suggestion_keeps_its_address():
    make_website(status="waiting", email="anh@example.com")
    after(300)

    assert Suggestion.objects.get().email == "anh@example.com"


def test_erasing_a_person_takes_what_they_suggested_and_the_sums_follow():
    row = make_website(email="anh@example.com")
    other = make_website(row.category)
    erasure.erase(Subject.of("ANH@example.com"))

    assert list(Suggestion.objects.all()) == [other]
    assert Category.objects.get(pk=row.category_id).websites == 1


def test_urls_are_normalised_again(capsys):
    changed, same, twin = (make_website(url=f"https://{name}.example/") for name in "abc")
    for row, old in ((changed, "old"), (twin, "older")):
        Suggestion.objects.filter(pk=row.pk).update(normal_url=old, url="https://a.example/")
    call_command("normalise_websites")

    out, err = capsys.readouterr()
    assert out == "1 changed.\n"
    assert err == f"Website {twin.pk}: another one has that URL now. Please reject one of them.\n"
    assert Suggestion.objects.get(pk=changed.pk).normal_url == "a.example"
    assert Suggestion.objects.get(pk=same.pk).normal_url == "b.example"


def test_demo_makes_some_sixty_websites_once(client):
    staff = make_staff()
    assert len(list(content.load(staff=staff))) == 66
    assert list(content.load(staff=staff)) == []

    assert Suggestion.objects.public().count() == 61
    assert client.get("/websites/").context["directory"].websites == 61
    assert [one.slug for one in Category.objects.filter(websites=0)] == []
