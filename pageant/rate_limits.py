"""How often a client may send entries and photos.

By network, generously: a school class, a venue or the customers of a mobile carrier share one. The limit that protects
mailboxes counts by e-mail address (privacy.rate_limits.MAILS).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.http import HttpRequest

from core.http.client_ip import client_network
from core.http.uploads_apart import patience_of
from core.pictures import queue
from privacy.rate_limits import Limit

ENTRIES = Limit("entries", 60, timedelta(hours=1))
UPLOADS = Limit("uploads", 300, timedelta(hours=1))  # posts with pictures, valid or not


@contextmanager
def reading_photos(request: HttpRequest) -> Iterator[bool]:
    """Yields whether the photos of a post may be decoded within the block, having waited where nobody else has to."""
    if not request.FILES:
        yield True
        return
    is_heavy = UPLOADS.spend(client_network(request)) > 0
    with queue.turn(is_heavy=is_heavy, patience=patience_of(request)) as is_taken:
        yield is_taken
