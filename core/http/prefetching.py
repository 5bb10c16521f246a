"""Tells whether a browser fetches a page ahead, before anybody has asked to see it."""

from collections.abc import Mapping
from typing import Any

# Chrome, and Firefox since 2025; older Chrome and Safari; older Safari; older Firefox. `prefetch;prerender` is one too.
HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
AHEAD = frozenset({"prefetch", "prerender", "preview"})


def is_prefetch(environ: Mapping[str, Any]) -> bool:
    return any(environ[name].partition(";")[0].strip().lower() in AHEAD for name in HEADERS if name in environ)
