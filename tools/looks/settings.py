"""Production settings for a throw-away site with demo content."""

import os

os.environ.update(
    DEBUG="off",
    SECRET_KEY="only-for-looks-" + "x" * 40,
    ALLOWED_HOSTS="127.0.0.1",
    # Plain HTTP, which browsers trust on this address: with https:// the site would redirect to what nobody serves.
    SITE_URL=os.environ["LOOKS_URL"],
    DATABASE_URL=f"sqlite:///{os.environ['LOOKS_FOLDER']}/db.sqlite3",
    CACHE_URL="locmemcache://",
    EMAIL_URL="filemail://",
    MEDIA_ROOT=os.environ["LOOKS_FOLDER"] + "/media",
    PRIVATE_MEDIA_ROOT=os.environ["LOOKS_FOLDER"] + "/private",
    VISIT_SPOOL=os.environ["LOOKS_FOLDER"] + "/spool",
    ERASURE_LOG=os.environ["LOOKS_FOLDER"] + "/erasures.jsonl",
    TRUSTED_PROXIES="0",
    WORK="inline",
)

from vietmusic.settings import *  # noqa: F403

STATIC_ROOT = os.environ["LOOKS_FOLDER"] + "/static"
EMAIL_FILE_PATH = os.environ["LOOKS_FOLDER"] + "/mail"
