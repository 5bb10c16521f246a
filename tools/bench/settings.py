"""Production settings on a throw-away database, for benchmarks."""

import os

os.environ.update(
    DEBUG="off",
    SECRET_KEY="only-for-the-bench-" + "x" * 40,
    ALLOWED_HOSTS="testserver",
    SITE_URL="http://testserver",
    WORK="worker",
    VISIT_SPOOL=os.environ["BENCH_FOLDER"] + "/log-spool",
)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{os.environ['BENCH_FOLDER']}/db.sqlite3")

from vietmusic.settings import *  # noqa: F403
from vietmusic.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "request"]  # django-request
ROOT_URLCONF = "tools.bench.urls"
MIDDLEWARE = []
SILENCED_SYSTEM_CHECKS = ["privacy.E001"]  # of tables that only the bench has
