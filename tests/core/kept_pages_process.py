"""A web process for the tests of kept pages: answers each path on its standard input with what it serves."""

import hashlib
import sys

from tests.core.wsgi import ask


def main() -> None:
    for line in sys.stdin:
        answer = ask(line.strip(), HTTP_ACCEPT_ENCODING="gzip")
        print(answer.status, hashlib.sha256(answer.body).hexdigest(), flush=True)


if __name__ == "__main__":
    main()
