"""Settings: production is the default; what is missing or bad stops the start in one line."""

import json
import re
import shutil

import pytest

from tests.core.concurrency import ROOT, run

PRODUCTION = {"SECRET_KEY": "only-for-tests-" + "x" * 40, "ALLOWED_HOSTS": "vietmusic.example"}
START = "import vietmusic.settings"


def start_site(checkout, **variables):
    chosen = {name: value for name, value in {**PRODUCTION, **variables}.items() if value is not None}
    return run(["-c", START], cwd=checkout, **chosen)


BAD_BUCKETS = [
    "photos",
    "https://photos.s3.example.com",
    "s3://",
    "s3:///folder",
    "s3://ab",
    "s3://Photos",
    "s3://photos:9000",
    "s3://key:secret@photos",
    "s3://photos/../x",
    "s3://photos/a b",
    "s3://photos#x",
    "s3://photos?endpont=https://s3.example.com",
    "s3://photos?endpoint=s3.example.com",
    "s3://photos?endpoint=https://key:secret@s3.example.com",
    "s3://photos?endpoint=https://s3.example.com/path",
    "s3://photos?region=over there",
    "s3://[",
]
BAD = [
    ("SECRET_KEY", None),
    ("SECRET_KEY", ""),
    ("ALLOWED_HOSTS", None),
    ("ALLOWED_HOSTS", ""),
    ("ALLOWED_HOSTS", ","),
    ("ALLOWED_HOSTS", " , "),
    ("DEBUG", "flase"),
    ("DEBUG", ""),
    ("DEBUG", "2"),
    ("SITE_URL", ""),
    ("SITE_URL", "vietmusic.example"),
    ("SITE_URL", "ftp://vietmusic.example"),
    ("SITE_URL", "https://"),
    ("SITE_URL", "https://vietmusic.example/path"),
    ("SITE_URL", "https://vietmusic.example?x=1"),
    ("SITE_URL", "https://vietmusic.example#x"),
    ("SITE_URL", "https://user@vietmusic.example"),
    ("SITE_URL", "https://vietmusic.example:port"),
    ("SITE_URL", "https://vietmusic example"),
    ("SITE_URL", "https://["),
    ("WORK", "sometimes"),
    ("WORK", ""),
    ("PHOTO_DECODERS", "0"),
    ("PHOTO_DECODERS", "9"),
    ("DRAFTS_MB_PER_NETWORK", "0"),
    ("DRAFTS_MB", "much"),
    ("VISIT_DAYS", "0"),
    ("VISIT_DAYS", "366"),
    ("VISIT_DAYS", "many"),
    ("VISIT_SPOOL", "here"),
    ("MACHINE", "Web 1"),
    ("MACHINE", "web_1"),
    ("MACHINE", "x" * 33),
    ("DAY_SALT_URL", "nonsense"),
    ("DAY_SALT_URL", "http://localhost"),
    ("DAY_SALT_URL", "redis://host:port/1"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "one"),
    ("TRUSTED_PROXIES", "1.5"),
    ("TRUSTED_PROXIES", ""),
    ("DATABASE_URL", ""),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://user@host/name"),
    ("DATABASE_URL", "postgres://user:password@host:port/name"),
    ("CACHE_URL", ""),
    ("CACHE_URL", "nonsense"),
    ("CACHE_URL", "https://cache.example"),
    ("CACHE_URL", "memcache://127.0.0.1:11211"),
    ("CACHE_URL", "locmemcache://x"),
    ("CACHE_URL", "redis://"),
    ("CACHE_URL", "redis://cache.example:port/0"),
    ("CACHE_URL", "redis://cache.example/name"),
    ("CACHE_URL", "redis://cache.example/0?ssl=no"),
    ("CACHE_URL", "redis://a.example,b.example/0"),
    *((name, url) for name in ("MEDIA_STORAGE_URL", "PRIVATE_STORAGE_URL") for url in BAD_BUCKETS),
    ("EMAIL_URL", ""),
    ("EMAIL_URL", "nonsense"),
    ("EMAIL_URL", "https://mail.example"),
    ("EMAIL_URL", "smtp://mail.example:port"),
    ("EMAIL_TIMEOUT", "0"),
    ("EMAIL_TIMEOUT", "31"),
    ("EMAIL_TIMEOUT", "soon"),
    ("DEFAULT_FROM_EMAIL", ""),
    ("DEFAULT_FROM_EMAIL", "nonsense"),
    ("DEFAULT_FROM_EMAIL", "Vietmusic <>"),
    ("DEFAULT_FROM_EMAIL", "Vietmusic <hello@vietmusic.example>\nBcc: x@evil.example"),
    ("REPLY_TO_EMAIL", "nonsense"),
    ("REPLY_TO_EMAIL", "a@b.example, c@d.example"),
    ("REPLY_TO_EMAIL", "answers@vietmusic.example\nBcc: x@evil.example"),
    ("MEDIA_ROOT", ""),
    ("MEDIA_ROOT", "media"),
    ("PRIVATE_MEDIA_ROOT", ""),
    ("PRIVATE_MEDIA_ROOT", "private"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_setting_that_is_missing_or_bad_stops_the_start_in_one_line(checkout, name, value):
    started = start_site(checkout, **{name: value})

    assert started.returncode == 1
    assert started.stdout == ""
    assert [line.split()[:2] for line in started.stderr.splitlines()] == [["vietmusic:", name]]


@pytest.mark.parametrize(
    ("public", "private"),
    [
        ("/srv/media", "/srv/media"),
        ("/srv/media", "/srv/media/private"),
        ("/srv/media", "/srv/x/../media/private"),
        ("/srv/media/", "/srv/media/a/b"),
    ],
)
def test_private_pictures_inside_the_public_ones_stop_the_start(checkout, public, private):
    started = start_site(checkout, MEDIA_ROOT=public, PRIVATE_MEDIA_ROOT=private)

    assert started.returncode == 1
    assert [line.split()[:2] for line in started.stderr.splitlines()] == [["vietmusic:", "PRIVATE_MEDIA_ROOT"]]


@pytest.mark.parametrize(
    ("public", "private"),
    [
        ("s3://photos", "s3://photos"),
        ("s3://photos", "s3://photos/private"),
        ("s3://photos/a?region=x", "s3://photos/a/"),
        ("s3://photos/a?endpoint=http://minio:9000", "s3://photos/a/b?endpoint=http://minio:9000/"),
    ],
)
def test_private_pictures_among_the_public_ones_of_a_bucket_stop_the_start(checkout, public, private):
    started = start_site(checkout, MEDIA_STORAGE_URL=public, PRIVATE_STORAGE_URL=private)

    assert started.returncode == 1
    assert [line.split()[:2] for line in started.stderr.splitlines()] == [["vietmusic:", "PRIVATE_STORAGE_URL"]]


@pytest.mark.parametrize(
    ("name", "value", "package"),
    [
        ("MEDIA_STORAGE_URL", "s3://photos", "storages"),
        ("PRIVATE_STORAGE_URL", "s3://photos", "boto3"),
        ("CACHE_URL", "redis://cache.example", "redis"),
    ],
)
def test_packages_that_are_missing_stop_the_start(checkout, name, value, package):
    without = f"import importlib.util as u; find = u.find_spec; u.find_spec = lambda n: n != {package!r} and find(n)"

    started = run(["-c", f"{without}; {START}"], cwd=checkout, **PRODUCTION, **{name: value})

    assert started.returncode == 1
    assert (
        started.stderr == f"vietmusic: {name} needs packages: `pip install -r requirements-machines.txt` gets them.\n"
    )


def test_manage_py_stops_in_one_line_too(checkout):
    started = run(["manage.py", "check"], cwd=checkout)

    assert (started.returncode, started.stdout) == (1, "")
    assert [line.split()[:2] for line in started.stderr.splitlines()] == [["vietmusic:", "SECRET_KEY"]]


def test_check_passes_with_as_little_as_is_required(checkout):
    checked = run(["manage.py", "check"], cwd=checkout, **PRODUCTION)

    assert (checked.returncode, checked.stdout, checked.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


def test_check_for_deployment_has_nothing_to_say(checkout):
    checked = run(
        ["manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=checkout,
        **{**PRODUCTION, "SECRET_KEY": "aB3$xY7_" * 8},
    )

    assert (checked.returncode, checked.stderr) == (0, "")


def settings_for(checkout, *names, debug=None, **variables):
    """Some settings as they come out of the environment."""
    chosen = {**({} if debug else PRODUCTION), **({"DEBUG": debug} if debug else {}), **variables}
    script = f"import json, vietmusic.settings as s; print(json.dumps([getattr(s, n) for n in {names!r}], default=str))"
    answer = run(["-c", script], cwd=checkout, **chosen)
    assert (answer.returncode, answer.stderr) == (0, "")
    return json.loads(answer.stdout)


@pytest.mark.parametrize(
    ("word", "debug"),
    [
        ("on", True),
        ("ON", True),
        (" true ", True),
        ("yes", True),
        ("1", True),
        ("off", False),
        ("False", False),
        ("no", False),
        ("0", False),
    ],
)
def test_debug_is_read_from_words(checkout, word, debug):
    assert settings_for(checkout, "DEBUG", DEBUG=word) == [debug]


def test_production_is_the_default(checkout):
    names = (
        "DEBUG",
        "SITE_URL",
        "WORK",
        "TRUSTED_PROXIES",
        "SECURE_SSL_REDIRECT",
        "DEFAULT_FROM_EMAIL",
        "EMAIL_BACKEND",
    )

    assert settings_for(checkout, *names) == [
        False,
        "https://vietmusic.example",
        "inline",
        0,
        True,
        "Vietmusic <hello@vietmusic.example>",
        "django.core.mail.backends.console.EmailBackend",
    ]


def test_development_needs_no_setting_but_one(checkout):
    names = ("DEBUG", "ALLOWED_HOSTS", "SITE_URL", "WORK", "SECURE_HSTS_SECONDS")
    script = f"import json, vietmusic.settings as s; print(json.dumps([getattr(s, n, None) for n in {names!r}]))"

    answer = run(["-c", script], cwd=checkout, DEBUG="on")

    assert json.loads(answer.stdout) == [
        True,
        ["localhost", "127.0.0.1", "[::1]"],
        "http://127.0.0.1:8000",
        "inline",
        None,
    ]


def test_key_of_a_checkout_is_long_random_and_stays(checkout):
    (first,), (second,) = (settings_for(checkout, "SECRET_KEY", debug="on") for _ in range(2))

    assert (first == second, len(first) >= 50) == (True, True)
    assert (checkout / "var" / "secret-key").read_text() == first


@pytest.mark.parametrize(
    ("hosts", "site"),
    [
        ("vietmusic.example", "https://vietmusic.example"),
        ("a.example,b.example", "https://a.example"),
        (".vietmusic.example", "https://vietmusic.example"),
        ("localhost", "http://localhost"),
    ],
)
def test_site_is_at_the_first_of_its_hosts(checkout, hosts, site):
    assert settings_for(checkout, "SITE_URL", ALLOWED_HOSTS=hosts) == [site]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://a.example/", "https://a.example"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("https://[::1]:8000", "https://[::1]:8000"),
    ],
)
def test_site_url_has_no_slash_at_its_end(checkout, given, kept):
    assert settings_for(checkout, "SITE_URL", SITE_URL=given) == [kept]


@pytest.mark.parametrize(
    ("url", "read"),
    [
        (
            "smtp+tls://user:p%40ss@mail.example:587",
            ["core.smtp.EmailBackend", "mail.example", 587, "user", "p@ss", True, False],
        ),
        (
            "smtp+ssl://user:pass@mail.example:465",
            ["core.smtp.EmailBackend", "mail.example", 465, "user", "pass", False, True],
        ),
        (
            "smtp://mail.example",
            ["core.smtp.EmailBackend", "mail.example", 25, "", "", False, False],
        ),
    ],
)
def test_mail_server_is_read_from_its_address(checkout, url, read):
    names = [
        "EMAIL_BACKEND",
        "EMAIL_HOST",
        "EMAIL_PORT",
        "EMAIL_HOST_USER",
        "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS",
        "EMAIL_USE_SSL",
        "EMAIL_TIMEOUT",
    ]

    assert settings_for(checkout, *names, EMAIL_URL=url) == [*read, 10]


# Several machines


def test_files_lie_on_the_disk_and_the_cache_in_memory_by_default(checkout):
    storages, caches = settings_for(checkout, "STORAGES", "CACHES", MEDIA_STORAGE_URL="", PRIVATE_STORAGE_URL="")

    backends = [storages[name]["BACKEND"] for name in ("default", "private")] + [caches["default"]["BACKEND"]]
    disk = "core.durable_files.DurableFileSystemStorage"
    assert backends == [disk, disk, "django.core.cache.backends.locmem.LocMemCache"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://photos", ["photos", "", None, None]),
        ("s3://photos/a/b/?region=eu-central-1", ["photos", "a/b", None, "eu-central-1"]),
        ("s3://my.photos?endpoint=http://[::1]:9000/", ["my.photos", "", "http://[::1]:9000", None]),
    ],
)
def test_bucket_is_read_from_its_address(checkout, url, place):
    (storages,) = settings_for(checkout, "STORAGES", MEDIA_STORAGE_URL=url, PRIVATE_STORAGE_URL="s3://masters")

    public, private = storages["default"], storages["private"]
    names = ("bucket_name", "location", "endpoint_url", "region_name", "base_url")
    assert public == {
        "BACKEND": "core.s3_storage.PrivateBucketStorage",
        "OPTIONS": dict(zip(names, [*place, "/media/"], strict=True)),
    }
    assert (private["OPTIONS"]["bucket_name"], private["OPTIONS"].get("base_url")) == ("masters", None)


@pytest.mark.parametrize(
    "url", ["redis://cache.example", "redis://:p%40ss@10.0.0.1:6380/1", "rediss://u:p@[::1]:6379/0"]
)
def test_redis_is_shared_under_the_sites_own_name(checkout, url):
    (caches,) = settings_for(checkout, "CACHES", CACHE_URL=url)

    assert caches["default"] == {
        "BACKEND": "core.shared_cache.SharedCache",
        "LOCATION": url,
        "KEY_PREFIX": "vietmusic.example",
    }


# Databases


def test_postgresql_connections_persist_and_are_checked(checkout):
    (databases,) = settings_for(checkout, "DATABASES", DATABASE_URL="postgres://user:p%40ss@db.example:5433/name")
    database = databases["default"]

    assert {
        name: database.get(name)
        for name in ("ENGINE", "HOST", "PORT", "NAME", "USER", "PASSWORD", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS")
    } == {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "db.example",
        "PORT": 5433,
        "NAME": "name",
        "USER": "user",
        "PASSWORD": "p@ss",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


SQLITE = """
import json, sqlite3, django
django.setup()
from django.db import connection, transaction
names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
with connection.cursor() as cursor:
    pragmas = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
with transaction.atomic():
    try:
        other.execute("BEGIN IMMEDIATE")
        other = "got through"
    except sqlite3.OperationalError as error:
        other = str(error)
print(json.dumps([*pragmas, other]))
"""


def test_sqlite_writes_ahead_and_begins_each_transaction_with_its_lock(checkout, tmp_path):
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    answer = run(
        ["-c", SQLITE], cwd=checkout, DATABASE_URL=database, DJANGO_SETTINGS_MODULE="vietmusic.settings", **PRODUCTION
    )

    assert answer.returncode == 0, answer.stderr
    full = 2  # a commit is on the disk when it returns
    assert json.loads(answer.stdout) == ["wal", full, 20_000, 1, "database is locked"]


def test_sqlite_lies_in_var_by_default(checkout):
    (databases,) = settings_for(checkout, "DATABASES")

    assert (databases["default"]["ENGINE"], databases["default"]["NAME"]) == (
        "django.db.backends.sqlite3",
        str(checkout / "var" / "db.sqlite3"),
    )


# Each setting is told about


def test_example_lists_every_setting_that_is_read(checkout):
    code = (checkout / "vietmusic" / "settings.py").read_text()
    read = set(
        re.findall(r'(?:read|read_bool|read_choice|read_path|read_bucket|env\.str|env\.list)\(\s*"([A-Z_]+)"', code)
    )
    told = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert (len(read) >= 12, read) == (True, told)


def test_env_file_beside_manage_py_is_read_and_the_environment_wins(checkout, tmp_path):
    copy = shutil.copytree(checkout, tmp_path / "checkout")
    (copy / ".env").write_text("SECRET_KEY=from-the-file\nALLOWED_HOSTS=file.example\nWORK=worker\n")
    script = "import json, vietmusic.settings as s; print(json.dumps([s.SECRET_KEY, s.ALLOWED_HOSTS, s.WORK]))"

    answer = run(["-c", script], cwd=copy, WORK="inline")

    assert json.loads(answer.stdout) == ["from-the-file", ["file.example"], "inline"]
