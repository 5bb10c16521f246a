"""Cookies where SITE_URL begins with https, which is read when the site starts: so in a process of its own."""

import json

import pytest

from tests.core.concurrency import database_url, run

ANSWERING = """
import json
import django
import vietmusic.settings as settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STATIC_ROOT = settings.BASE_DIR / "static"
settings.COOKIE_FIREWALL_RAISES = True
django.setup()
from django.test import Client
client = Client()
responses = [
    client.post("/privacy/cookies/", {"choice": "all"}, secure=True),
    client.get("/", secure=True),
    client.post("/privacy/cookies/", {"choice": "none"}, secure=True),
]
print(json.dumps([
    {name: [bool(morsel["secure"]), morsel["path"], morsel["domain"], str(morsel["max-age"]), bool(morsel.value)]
     for name, morsel in response.cookies.items()}
    for response in responses
]))
"""


@pytest.mark.django_db(transaction=True)
def test_cookies_are_bound_to_the_host_and_to_encryption(checkout):
    answer = run(
        ["-c", ANSWERING],
        cwd=checkout,
        SECRET_KEY="only-for-tests-" + "x" * 40,
        ALLOWED_HOSTS="testserver",
        SITE_URL="https://testserver",
        DATABASE_URL=database_url(),
        DJANGO_SETTINGS_MODULE="vietmusic.settings",
    )

    assert answer.returncode == 0, answer.stderr
    lasting, over = [True, "/", "", str(182 * 24 * 60 * 60), True], [True, "/", "", "0", False]
    assert json.loads(answer.stdout) == [
        {"__Host-choice": lasting},
        {"__Host-preferences": lasting},
        {"__Host-choice": lasting, "__Host-preferences": over},
    ]
