"""What an app declares in its `site.py` joins the site without another file changed."""

import pytest
from django.conf import settings as project

from core.site import sites
from privacy.cookies.preferences import Preferences
from privacy.traffic import visitor_counts
from tests import tour
from tests.core.concurrency import ROOT
from tests.core.factories import make_staff
from vietmusic import dev

APP = "tests.core.throwaway"

pytestmark = pytest.mark.django_db


@pytest.fixture
def throwaway(settings):
    settings.INSTALLED_APPS = [*project.INSTALLED_APPS, APP]
    settings.SITE_APPS = [*project.SITE_APPS, "throwaway"]
    settings.ROOT_URLCONF = f"{APP}.urls"


def test_every_app_of_the_site_declares_something():
    assert len(sites()) == len([app for app in project.SITE_APPS if (ROOT / app / "site.py").exists()])


def test_block_stands_on_the_home_page_in_its_place(throwaway, client):
    html = client.get("/").content.decode()

    assert "<h2>Đàn bầu</h2>" in html
    assert html.index('id="on-now"') < html.index('id="throwaway"') < html.index('id="promise"')


def test_page_is_in_the_sitemap(throwaway, client):
    assert "http://testserver/throwaway/</loc>" in client.get("/sitemap-pages.xml").content.decode()


@pytest.mark.parametrize(
    ("path", "section"), [("/throwaway/", "instruments"), ("/vi/throwaway/dan-bau/", "instrument:dan-bau")]
)
def test_pages_are_counted_as_declared(throwaway, path, section):
    assert visitor_counts.section_of(path, "text/html; charset=utf-8") == section


def test_staff_see_the_card(throwaway, client):
    client.force_login(make_staff())

    assert "Instruments" in client.get("/admin/").content.decode()


def test_samples_stand_in_the_styleguide(throwaway, rf):
    assert "<h2>Sáo trúc</h2>" in dev.styleguide(rf.get("/styleguide/")).content.decode()


def test_preference_is_remembered_and_can_be_edited(throwaway, client):
    known = Preferences().with_newest("instrument", "Đàn bầu")
    client.post("/privacy/cookies/", {"choice": "all"})
    client.cookies["preferences"] = known.write()

    assert known.write() == "v:1&instrument:%C4%90%C3%A0n%20b%E1%BA%A7u"
    assert Preferences.read(known.write()) == known
    assert 'for="id_instruments"' in client.get("/privacy/cookies/").content.decode()


def test_page_is_a_stop_of_the_tour(throwaway):
    stop = next(stop for stop in tour.stops_of_apps() if stop.name == "throwaway")

    assert tour.ask(stop, "en").status_code == 200


def test_nothing_of_it_is_left_without_it(client):
    pages = ("/", "/sitemap-pages.xml")
    assert [page for page in pages if "throwaway" in client.get(page).content.decode()] == []
