"""A web process for the tests of kept pages: answers each path on its standard input with what it serves."""

import hashlib
import sys

import django

django.setup()

from tests.core.wsgi import ask  # noqa: E402  it needs the apps

for line in sys.stdin:
    answer = ask(line.strip(), HTTP_ACCEPT_ENCODING="gzip")
    print(answer.status, hashlib.sha256(answer.body).hexdigest(), flush=True)
