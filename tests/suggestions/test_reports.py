"""Reporting a listing, in one step and without an account."""

from datetime import timedelta

import pytest

from privacy import rate_limits
from privacy.rate_limits import Limit
from suggestions.models import Report
from tests.core.concurrency import at_once
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("reason", ["dead", "moved", "changed", "unsuitable"])
def test_press_of_a_button_in_the_list_is_a_report(client, reason):
    listing = make_website()
    html = client.get("/websites/").content.decode()
    assert f'action="{listing.get_absolute_url()}"' in html
    assert f'name="reason" value="{reason}"' in html
    response = client.post(listing.get_absolute_url(), {"reason": reason})

    assert (response.status_code, response["Location"]) == (302, "/websites/reported/")
    assert client.get(response["Location"]).status_code == 200
    assert [(one.suggestion, one.reason) for one in Report.objects.open()] == [(listing, reason)]
    assert client.cookies == {}


@pytest.mark.parametrize("reason", ["", "other", "x" * 5000])
def test_reason_that_is_none_of_ours_is_asked_for(client, reason):
    listing = make_website()
    response = client.post(listing.get_absolute_url(), {"reason": reason})

    assert (response.status_code, Report.objects.count()) == (200, 0)


def test_looking_at_a_listing_reports_nothing(client):
    client.get(f"{make_website().get_absolute_url()}?reason=dead")

    assert Report.objects.count() == 0


def test_same_report_of_many_is_one_in_the_queue(client, staff):
    listing = make_website()
    answers = at_once(
        *[lambda: client.__class__().post(listing.get_absolute_url(), {"reason": "dead"}) for _ in range(3)]
    )
    assert ({answer.status_code for answer in answers}, Report.objects.count()) == ({302}, 1)

    Report.objects.get().close(by=staff)
    client.post(listing.get_absolute_url(), {"reason": "dead"})
    assert (Report.objects.open().count(), Report.objects.count()) == (1, 2)


def test_report_beyond_the_limit_has_to_wait(client, monkeypatch):
    monkeypatch.setattr(rate_limits, "REPORTS", Limit("reports", 2, timedelta(hours=1)))
    listings = [make_website() for _ in range(3)]
    answers = [client.post(listing.get_absolute_url(), {"reason": "dead"}) for listing in listings]

    assert [answer.status_code for answer in answers] == [302] * 2 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert Report.objects.count() == 2
