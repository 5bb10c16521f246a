"""Asks this machine's own web process: `.venv/bin/python -m deploy.ask /readyz` ends with 0 if it answers 200.

Under the site's own host name, as it answers to no other: from the environment or `.env`, like all settings. Prints the
answer.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import environ

SECONDS = 4
SETTINGS = Path(__file__).parent.parent / ".env"


def main(path: str, port: int = 8000) -> int:
    environ.Env.read_env(SETTINGS)
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip("*.")
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        sys.stdout.write(response.read().decode(errors="replace"))
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"{type(error).__name__}\n")
        return 1
    finally:
        connection.close()
    return 0 if response.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
