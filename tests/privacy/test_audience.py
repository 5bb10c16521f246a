"""The audience is counted without cookies and addresses, and apart from the visit log."""

import ast
import json
from datetime import date
from ipaddress import ip_network
from pathlib import Path

import grimp
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from privacy.models import AudienceDay, AudienceSeen, Visit
from privacy.traffic import daily_salt, visit_log, visitor_counts
from privacy.traffic.daily_salt import DESTROYED, DayKey
from privacy.traffic.visitor_counts import Kind, cut, read, take
from tests.core.concurrency import at_once, start
from tests.pageant.factories import make_entry, make_pageant
from tests.privacy.test_spool import variables
from tests.privacy.test_visit_log import CHROME, FIREFOX, TOKEN

ROOT = Path(__file__).resolve().parents[2]
NOON = "2026-03-01T12:00:00+07:00"
DAY = date(2026, 3, 1)


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOON)
    return time_machine


def spooled(settings):
    return b"".join(path.read_bytes() for path in sorted(settings.VISIT_SPOOL.glob("audience-*.spool")))


def visit(address="/", *, ip="203.0.113.7", agent=FIREFOX, **headers):
    return Client().get(address, headers={"user-agent": agent, **headers}, REMOTE_ADDR=ip)


def sums(section="all", language="all", day=DAY):
    """Hits, visitors and robots."""
    row = AudienceDay.objects.filter(day=day, section=section, language=language).first()
    return row and (row.hits, row.visitors, row.robots)


# What is counted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "section", "language"),
    [
        ("/", "home", "en"),
        ("/vi/", "home", "vi"),
        ("/pageants/", "pageants", "en"),
        ("/vi/pageants/spring/", "pageant:spring", "vi"),
        ("/pageants/spring/enter/", "pageant:spring", "en"),
        ("/privacy/", "privacy", "en"),
        ("/privacy/cookies/", "privacy", "en"),
    ],
)
def test_page_is_a_hit_and_a_visitor_of_its_section(noon, address, section, language):
    make_pageant(slug="spring")
    visit(address)
    visitor_counts.load()

    assert {
        (one.section, one.language): (one.hits, one.visitors, one.robots) for one in AudienceDay.objects.all()
    } == dict.fromkeys([(section, language), (section, "all"), ("all", language), ("all", "all")], (1, 1, 0))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/nothing/", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml", "/admin/", "/admin/login/",
     "/privacy/feed/", "/favicon.ico", f"/privacy/you/{TOKEN}/",
     "/privacy/you/asked/", "/pageants/spring/feed/", "/pageants/autumn/"],
)  # fmt: skip
def test_other_addresses_are_not_counted(settings, address):
    make_pageant(slug="spring")
    visit(address)

    assert spooled(settings) == b""


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["head", "post", "options"])
def test_other_methods_are_not_counted(settings, method):
    getattr(Client(), method)("/")

    assert spooled(settings) == b""


@pytest.mark.django_db
def test_entry_belongs_to_its_pageant(noon):
    entry = make_entry(make_pageant(slug="spring"), photos=1, size=(200, 200))
    visit(entry.get_absolute_url())
    visitor_counts.load()

    assert sums("pageant:spring") == (1, 1, 0)


@pytest.mark.django_db
def test_line_holds_neither_address_nor_browser_nor_key(settings, noon):
    visit(ip="203.0.113.7")
    (key,) = settings.VISIT_SPOOL.glob("audience-*.key")

    version, day, section, language, robot, visitor = json.loads(spooled(settings))
    assert [version, day, section, language, robot, len(visitor)] == [1, "2026-03-01", "home", "en", 0, 32]
    assert oct(key.stat().st_mode & 0o777) == "0o600"
    for secret in (b"203.0", b"Firefox", key.read_bytes(), key.read_bytes().hex().encode()):
        assert secret not in spooled(settings)


@pytest.mark.django_db
def test_visitor_is_one_network_and_family_of_browser(noon):
    visit(ip="203.0.113.7")
    visit("/pageants/", ip="203.0.99.8")  # the same /16
    visit(ip="203.1.113.7")
    visit(ip="203.0.113.7", agent=CHROME)
    visit(ip="2001:db8:1:2::1")
    visit(ip="2001:db8:1:ffff::9")  # the same /48
    visit(ip="2001:db8:2::1")
    visitor_counts.load()

    assert sums() == (7, 5, 0)
    assert sums("home") == (6, 5, 0)
    assert sums("pageants") == (1, 1, 0)


@given(st.ip_addresses(v=6).filter(lambda address: not address.ipv4_mapped))
def test_network_of_an_address_is_its_first_48_bits(address):
    assert str(ip_network((address, 48), strict=False)) == str(ip_network(f"{cut(str(address))}::/48"))


@pytest.mark.django_db
def test_who_says_no_is_a_hit_and_no_visitor(noon):
    refusing = Client(headers={"user-agent": FIREFOX})
    refusing.post("/privacy/cookies/", {"choice": "none"})
    refusing.get("/")
    visit(**{"sec-gpc": "1"})
    visitor_counts.load()

    assert (sums(), AudienceSeen.objects.count()) == ((2, 0, 0), 0)


@pytest.mark.django_db
def test_who_sends_the_signal_is_no_visitor_whatever_they_chose(noon):
    willing = Client(headers={"user-agent": FIREFOX, "sec-gpc": "1"})
    willing.post("/privacy/cookies/", {"choice": "all"})
    willing.get("/")
    visitor_counts.load()

    assert sums() == (1, 0, 0)


@pytest.mark.django_db
def test_who_says_yes_or_nothing_is_a_visitor(noon):
    willing = Client(headers={"user-agent": FIREFOX})
    willing.post("/privacy/cookies/", {"choice": "all"})
    willing.get("/", REMOTE_ADDR="198.51.100.1")
    visit(ip="203.0.113.7")
    visitor_counts.load()

    assert sums() == (2, 2, 0)


@pytest.mark.django_db
def test_robots_are_told_apart(noon, settings):
    visit(agent="Googlebot/2.1")
    visit(agent="")
    visitor_counts.load()

    assert (sums(), AudienceSeen.objects.count()) == ((0, 0, 2), 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [{"sec-purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"},
     {"sec-purpose": "Prefetch; anonymous-client-ip"}, {"x-moz": "prefetch"}, {"x-purpose": "preview"}],
)  # fmt: skip
def test_page_fetched_ahead_is_a_hit_of_its_own_kind(noon, header):
    visit(**header)
    visitor_counts.load()
    visit_log.load()

    row = AudienceDay.objects.total(DAY).get()
    assert (row.hits, row.visitors, row.robots, row.prefetches, AudienceSeen.objects.count()) == (0, 0, 0, 1, 0)
    assert [one.is_prefetch for one in Visit.objects.all()] == [True]


@pytest.mark.django_db
def test_page_fetched_ahead_is_a_view_once_the_browser_asks_again(noon):
    visit("/pageants/", **{"sec-purpose": "prefetch"})
    visit("/pageants/", **{"sec-purpose": ""})
    visit(agent="Googlebot/2.1", purpose="prefetch")
    visitor_counts.load()

    assert (sums(), sums("pageants"), AudienceDay.objects.total(DAY).get().prefetches) == ((1, 1, 1), (1, 1, 0), 1)


@pytest.mark.django_db
def test_counting_changes_no_page(settings):
    with_it = Client().get("/robots.txt")
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "Audience" not in one]
    without = Client().get("/robots.txt")

    assert (dict(with_it.headers), with_it.content) == (dict(without.headers), without.content)
    assert "Vary" not in {**with_it.headers} or with_it.headers["Vary"] == without.headers["Vary"]


@pytest.mark.django_db
def test_request_asks_the_database_nothing_for_it(django_assert_num_queries, settings, client):
    settings.WORK = "worker"
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "Audience" not in one]
    with django_assert_num_queries(0):
        client.get("/privacy/you/")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "privacy.traffic.visitor_counts.AudienceMiddleware"]
    with django_assert_num_queries(0):
        Client().get("/privacy/you/")


# The day and its key


@pytest.mark.django_db
def test_hashes_of_two_days_differ(noon, settings):
    visit()
    visit()
    noon.move_to("2026-03-02T00:00:01+07:00")
    visit()

    visitors = [json.loads(line)[-1] for line in spooled(settings).splitlines()]
    assert (visitors[0] == visitors[1], visitors[1] == visitors[2]) == (True, False)


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["a request", "the job"])
def test_key_is_destroyed_after_midnight_wherever_it_is(noon, settings, by):
    visit()
    (key,) = settings.VISIT_SPOOL.glob("audience-*.key")
    secret = key.read_bytes()
    (linked := settings.VISIT_SPOOL / "backup").hardlink_to(key)
    elsewhere = DayKey()  # as another process sees it
    elsewhere.digest(b"x")
    before = elsewhere.key[:32]

    noon.move_to("2026-03-01T23:59:59+07:00")
    visitor_counts.close_days()
    kept = key.exists()
    noon.move_to("2026-03-02T00:00:01+07:00")
    visit() if by == "a request" else visitor_counts.close_days()

    assert (kept, key.exists(), before) == (True, False, secret)
    assert (linked.read_bytes(), elsewhere.key[:32]) == (DESTROYED, DESTROYED)
    assert len(elsewhere.digest(b"x")[1]) == 32


@pytest.mark.django_db
def test_after_midnight_only_sums_are_left(noon):
    visit()
    visit("/vi/", ip="198.51.100.1")
    noon.move_to("2026-03-02T00:00:30+07:00")
    visit()
    visitor_counts.close_days()

    assert set(AudienceSeen.objects.values_list("day", flat=True)) == {date(2026, 3, 2)}
    assert (sums(), sums(day=date(2026, 3, 2))) == ((2, 2, 0), (1, 1, 0))
    assert set(AudienceDay.objects.values_list("day", "is_closed")) == {(DAY, True), (date(2026, 3, 2), False)}


@pytest.mark.django_db
def test_closing_twice_changes_nothing(noon):
    visit()
    noon.move_to("2026-03-02T08:00:00+07:00")
    visitor_counts.close_days()
    before = [*AudienceDay.objects.values_list()]
    visitor_counts.close_days()

    assert [*AudienceDay.objects.values_list()] == before
    assert sums() == (1, 1, 0)


@pytest.mark.django_db
def test_page_that_comes_after_a_day_was_closed_is_a_hit_only(noon):
    line = b'[1,"2026-03-01","home","en",0,"' + b"a" * 32 + b'"]'
    take([line])
    noon.move_to("2026-03-02T08:00:00+07:00")
    visitor_counts.close_days()
    take([line, line.replace(b"home", b"privacy")])

    assert (sums(), sums("privacy"), AudienceSeen.objects.count()) == ((3, 1, 0), (1, 0, 0), 0)


def test_processes_share_one_key(settings, noon):
    keys = [DayKey() for _ in range(4)]
    digests = at_once_without_database([lambda key=key: key.digest(b"x") for key in keys])

    assert len(set(digests)) == 1
    assert len([*settings.VISIT_SPOOL.glob("audience-*.key")]) == 1


def at_once_without_database(calls):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


@pytest.mark.parametrize("content", [b"", b"short", DESTROYED])
def test_file_that_is_no_key_is_no_key(settings, noon, content):
    settings.VISIT_SPOOL.mkdir()
    daily_salt.path_of(settings.VISIT_SPOOL, "2026-03-01").write_bytes(content)
    one, other = DayKey(), DayKey()

    assert one.digest(b"x")[1] == one.digest(b"x")[1] != other.digest(b"x")[1]


@pytest.mark.django_db
def test_folder_that_cannot_be_written_breaks_no_page(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.VISIT_SPOOL = tmp_path / "file" / "spool"

    assert visit().status_code == 200


# Loading


@pytest.mark.django_db
def test_visitor_is_counted_once_over_many_batches(noon):
    for _ in range(3):
        visit()
        visitor_counts.load()

    assert sums() == (3, 1, 0)


LINES = st.one_of(
    st.binary(max_size=100),
    st.tuples(st.integers(0, 5), st.one_of(st.integers(), st.text(st.characters()), st.none(), st.just([]))).map(
        lambda change: json.dumps(
            [change[1] if at == change[0] else one for at, one in enumerate([1, "2026-03-01", "home", "en", 0, "-"])]
        ).encode()
    ),
)


@pytest.mark.django_db
@given(st.lists(LINES, max_size=5))
def test_line_is_counted_or_set_aside_and_never_fatal(lines):
    AudienceDay.objects.all().delete()

    aside = take(lines)

    counted = sum(
        one.hits + one.robots + one.prefetches for one in AudienceDay.objects.filter(section="all", language="all")
    )
    assert counted == len(lines) - len(aside)


def test_line_is_read():
    for kind in Kind:
        line = b'[1,"2026-03-01","pageant:x","vi",%d,"-"]' % kind
        assert read(line) == visitor_counts.Page(DAY, "pageant:x", "vi", kind, "-")
    assert read(b'[1,"2026-03-01","pageant:x","vi",3,"-"]') is None
    assert read(b'[1,"2026-03-01","pageant:x","fr",1,"-"]') is None


LOADER = """
import django
django.setup()
from privacy.traffic import loader, visitor_counts
loader.CHUNK = 1024
visitor_counts.load()
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_loader_neither_loses_nor_doubles(settings):
    count = 1_500
    settings.VISIT_SPOOL.mkdir()
    lines = [b'[1,"2026-03-01","home","en",0,"%032x"]\n' % (number // 3) for number in range(count)]
    (settings.VISIT_SPOOL / "audience-1-dead.spool").write_bytes(b"".join(lines))
    before = kills = 0
    for _ in range(3):
        with start(["-c", LOADER], **variables(settings)) as process:
            while process.poll() is None and hits() < before + 100:
                pass
            kills += process.poll() is None
            process.kill()
            process.wait()
        before = hits()
    at_kills = before
    visitor_counts.load()

    assert kills >= 1
    assert 0 < at_kills < count
    assert sums() == sums("home", "en") == (count, count // 3, 0)


def hits():
    return (sums() or (0,))[0]


@pytest.mark.django_db(transaction=True)
def test_two_loaders_at_once_count_each_visitor_once(settings):
    settings.VISIT_SPOOL.mkdir()
    lines = b"".join(b'[1,"2026-03-01","home","en",0,"%032x"]\n' % number for number in range(50))
    for part in range(3):  # the same visitors, as three processes saw them
        (settings.VISIT_SPOOL / f"audience-{part}-dead.spool").write_bytes(lines)

    at_once(visitor_counts.load, visitor_counts.load)

    assert sums() == (150, 50, 0)


# Apart from the visit log

LOG = {"privacy.traffic.visit_log", "privacy.models.visit"}
NAMES_OF_LOG = {"Visit", "VisitHour"}


def audience_modules(graph):
    """The audience's modules and those of reports, and all that they import.

    The package of models imports each of them, since Django must know them all: so of a package not what it imports
    counts, but which names are taken from it.
    """
    for imported in graph.find_modules_directly_imported_by("privacy.models"):
        graph.remove_import(importer="privacy.models", imported=imported)
    roots = {
        one
        for one in graph.modules
        if one == "privacy.traffic.visitor_counts" or one.startswith("pageant.sponsors.monthly_reports")
    }
    return roots.union(*(graph.find_upstream_modules(one) for one in roots))


@pytest.fixture(scope="module")
def reached():
    return audience_modules(grimp.build_graph("vietmusic", "privacy", "pageant", cache_dir=None))


def test_audience_and_reports_reach_no_module_of_the_log(reached):
    assert "privacy.models.audience" in reached
    assert sorted(reached & LOG) == []


def test_audience_and_reports_take_the_log_from_no_package(reached):
    readers = sorted(reached - {"privacy.models"})  # the list of all models; who reads it matters
    assert {name: sorted(found) for name in readers if (found := names_of_log_in(name))} == {}


def test_names_of_the_log_would_be_found():
    assert names_of_log_in("privacy.admin.visits") == NAMES_OF_LOG


def names_of_log_in(module):
    """What it imports by name, or asks the registry of models for."""
    path = ROOT / module.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {one.name for one in node.names} & NAMES_OF_LOG
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {name for name in NAMES_OF_LOG if node.value.lower() == f"privacy.{name}".lower()}
    return found
