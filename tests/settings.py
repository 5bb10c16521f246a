"""Settings for tests: production's, whatever a developer's .env says, on SQLite or on the given DATABASE_URL."""

import os
import tempfile
from pathlib import Path

os.environ.update(
    DEBUG="off",
    SECRET_KEY="only-for-tests-" + "x" * 40,
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    SITE_URL="http://testserver",
    TRUSTED_PROXIES="0",
    CACHE_URL="locmemcache://",
    EMAIL_URL="memorymail://",
    REPLY_TO_EMAIL="Vietmusic <answers@testserver.example>",
    WORK="inline",
)
os.environ.setdefault("MACHINE", "")
os.environ.setdefault("DAY_SALT_URL", "")
os.environ.setdefault("DATABASE_URL", "sqlite:///" + str(Path(tempfile.gettempdir()) / "vietmusic.sqlite3"))

from vietmusic.settings import *  # noqa: F403
from vietmusic.settings import BASE_DIR, DATABASES, STORAGES

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in real life: several connections, one writer at a time.
    # Nothing here has to survive the machine's crash.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"vietmusic-test-{os.getpid()}.sqlite3")}

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = BASE_DIR / "static"
COOKIE_FIREWALL_RAISES = KEPT_PAGES_RAISE = True
KEPT_PAGES_BYTES = 0  # each page is made anew, but in the tests of kept pages
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
