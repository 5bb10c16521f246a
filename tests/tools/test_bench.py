"""The pieces of `make bench` that would break unseen: nothing else asks for its pages."""

import pytest

from tools.bench import requests, seeding, tables
from tools.bench.pages import pages
from tools.bench.requests import CONSTANT, Costs
from tools.bench.server import Client, Commands
from vietmusic.wsgi import application


@pytest.mark.django_db(transaction=True)  # whoever answers a request closes connections
def test_every_page_is_measured_kept_and_fresh(settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setenv("PGAPPNAME", "bench-test")
    seeding.fill(entries=60, past=10, listings=40)
    site = Commands("site", Client(application))
    for page in pages():
        for fresh in (False, True):
            assert site.measure(page.path, 1, cookie=page.cookie, fresh=fresh)["cpu"] > 0
    with pytest.raises(RuntimeError, match="404 Not Found instead of 200"):
        site.measure("/nothing/", 1)


def test_table_of_pages_shows_ratios_to_the_constant_page(capsys):
    costs = lambda *cpu: Costs(cpu=list(cpu), database=[0.001] * len(cpu))  # noqa: E731
    constant = costs(0.001, 0.002, 0.003)
    requests.show(constant, {"home": constant}, {"home": costs(0.01, 0.02, 0.03)}, {"home": costs(0.01, 0.01, 0.01)})
    *_rest, first, second = capsys.readouterr().out.splitlines()
    assert first.split()[-2:] == ["2.00", "1"]
    name, again, of_constant, _quartiles, *_database, few = second.split()
    assert (name, again, of_constant, few) == ("home", "2.00", "1.000", "2.00")
    assert "0.100" in second
    assert first.startswith(CONSTANT)


@pytest.mark.parametrize(
    ("values", "expected"), [([2.0], "2.000 (2.000–2.000)"), ([1.0, 2.0, 3.0, 4.0, 5.0], "3.000 (2.000–4.000)")]
)
def test_spread_is_the_median_with_its_quartiles(values, expected):
    assert tables.spread(values) == expected
