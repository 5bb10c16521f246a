"""Cookies where SITE_URL begins with https, which is read when the site starts: so in a process of its own."""

import json

from tests.core.concurrency import run

ANSWERING = """
import json
import django
import vietmusic.settings as settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STATIC_ROOT = settings.BASE_DIR / "static"
settings.COOKIE_FIREWALL_RAISES = True
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
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


def test_cookies_are_bound_to_the_host_and_to_encryption(checkout, tmp_path):
    answer = run(
        ["-c", ANSWERING],
        cwd=checkout,
        SECRET_KEY="only-for-tests-" + "x" * 40,
        ALLOWED_HOSTS="testserver",
        SITE_URL="https://testserver",
        DATABASE_URL=f"sqlite:///{tmp_path / 'db.sqlite3'}",
        DJANGO_SETTINGS_MODULE="vietmusic.settings",
    )

    assert answer.returncode == 0, answer.stderr
    lasting, over = [True, "/", "", str(182 * 24 * 60 * 60), True], [True, "/", "", "0", False]
    assert json.loads(answer.stdout) == [
        {"__Host-choice": lasting},
        {"__Host-preferences": lasting},
        {"__Host-choice": lasting, "__Host-preferences": over},
    ]
