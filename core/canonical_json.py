"""One spelling of JSON for equal values, and its digest."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """The value as UTF-8 without spaces, its keys sorted: a database may hand keys back in any order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256_of(value: Any) -> str:
    """SHA-256 of the value's canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
