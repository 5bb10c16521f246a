"""Settings of tests' web processes, which keep pages as production does."""

from pathlib import Path

from tests.settings import *  # noqa: F403
from vietmusic.settings import env

KEPT_PAGES_BYTES = 10_000_000
MEDIA_ROOT, VISIT_SPOOL = Path(env.str("MEDIA_ROOT")), Path(env.str("VISIT_SPOOL"))
