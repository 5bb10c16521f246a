"""Development settings with a linter of migrations: `make lint` finds those that old code wouldn't survive."""

from vietmusic.settings import *  # noqa: F403
from vietmusic.settings import INSTALLED_APPS, SITE_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]

MIGRATION_LINTER_OPTIONS = {
    "include_apps": SITE_APPS,
    # These ran before there was a site to break
    "ignore_name": [
        "0001_initial",
        "0002_policy_cookies_requests",
        "0004_owners_and_agreements",
        "0006_owner_can_be_found",
        "0008_cosponsorship",
        # Unique, in a column that it makes itself and that is still empty
        "0013_hobby_spelling",
        # Have their defaults in the database too, which the linter overlooks on SQLite
        "0010_prefetches",
        "0026_draft_budget",
    ],
    "exclude_migration_tests": ["RUNPYTHON_MODEL_VARIABLE_NAME"],  # a matter of taste
    "warnings_as_errors_tests": ["RUNPYTHON_REVERSIBLE"],
    "quiet": ["ok", "ignore"],
    "no_cache": True,
}
